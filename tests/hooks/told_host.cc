#include "tests/hooks/told_host.h"

#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <iterator>

namespace baton::test {

using boost::asio::ip::tcp;

ToldHost::ToldHost(std::string answer)
    : answer_(std::move(answer)),
      acceptor_(io_, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)),
      port_(acceptor_.local_endpoint().port()),
      thread_([this] { serve(); }) {}

ToldHost::~ToldHost() {
  ending_ = true;
  boost::system::error_code ignored;
  tcp::socket knock(io_);
  knock.connect(tcp::endpoint(boost::asio::ip::address_v4::loopback(), port_), ignored);
  thread_.join();
}

std::vector<std::string> ToldHost::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void ToldHost::serve() {
  std::deque<tcp::socket> kept;
  for (;;) {
    tcp::socket client = acceptor_.accept();
    if (ending_) return;
    boost::asio::streambuf buffer;
    boost::system::error_code failed;
    const auto head = boost::asio::read_until(client, buffer, "\r\n\r\n", failed);
    if (failed) continue;
    const std::string text(boost::asio::buffers_begin(buffer.data()),
                           boost::asio::buffers_end(buffer.data()));
    const auto length = text.find("Content-Length: ");
    const std::size_t wanted = length == std::string::npos ? 0 : std::stoul(text.substr(length + 16));
    const std::size_t there = text.size() - head;
    if (there < wanted)
      boost::asio::read(client, buffer, boost::asio::transfer_exactly(wanted - there), failed);
    {
      const std::lock_guard lock(mutex_);
      requests_.emplace_back(boost::asio::buffers_begin(buffer.data()),
                             boost::asio::buffers_end(buffer.data()));
    }
    if (answer_.empty())
      kept.push_back(std::move(client));
    else
      boost::asio::write(client, boost::asio::buffer(answer_), failed);
  }
}

}  // namespace baton::test
