#include "tests/fuzz/bytes/telling_server.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace baton::fuzz {

using boost::asio::ip::tcp;
using boost::system::error_code;

TellingServer::TellingServer()
    : acceptor_(io_, tcp::endpoint(boost::asio::ip::make_address("127.0.0.1"), 0)),
      thread_([this] { serve(); }) {}

std::string TellingServer::address() const {
  return "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
}

void TellingServer::tell(std::string bytes) {
  const std::lock_guard lock(mutex_);
  bytes_ = std::move(bytes);
}

void TellingServer::serve() {
  while (true) {
    error_code failed;
    tcp::socket socket(io_);
    acceptor_.accept(socket, failed);
    if (!failed) answer(std::move(socket));
  }
}

void TellingServer::answer(tcp::socket socket) {
  error_code failed;
  std::string asked(1, '\0');
  boost::asio::read(socket, boost::asio::buffer(asked), failed);  // it has begun
  std::string bytes;
  {
    const std::lock_guard lock(mutex_);
    bytes = bytes_;
  }
  boost::asio::write(socket, boost::asio::buffer(bytes), failed);
  socket.shutdown(tcp::socket::shutdown_send, failed);
  // A client that still sends would not see the answer behind a reset.
  boost::asio::read(socket, boost::asio::dynamic_buffer(asked), failed);
}

}  // namespace baton::fuzz
