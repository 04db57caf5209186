#include "tests/client/told_server.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/completion_condition.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace baton::test {

using boost::asio::ip::tcp;

ToldServer::ToldServer(std::map<std::string, std::string> answers)
    : answers_(std::move(answers)),
      acceptor_(io_, tcp::endpoint(boost::asio::ip::make_address("127.0.0.1"), 0)),
      thread_([this] { serve(); }) {}

ToldServer::~ToldServer() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  boost::system::error_code ignored;
  tcp::socket waking(io_);  // the thread waits in accept
  waking.connect(acceptor_.local_endpoint(), ignored);
  thread_.join();
}

std::string ToldServer::address() const {
  return "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
}

std::vector<std::string> ToldServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::vector<std::string> ToldServer::bodies() const {
  const std::lock_guard lock(mutex_);
  return bodies_;
}

namespace {

/// What follows the head: as many bytes as it says.
std::string read_body(tcp::socket& socket, const std::string& head) {
  constexpr std::string_view kLength = "Content-Length: ";
  const auto length = head.find(kLength);
  const auto end = head.find("\r\n\r\n") + 4;
  std::string body = head.substr(end);
  if (length == std::string::npos || length > end) return body;
  const auto wanted = std::stoul(head.substr(length + kLength.size()));
  boost::system::error_code error;
  if (body.size() < wanted)
    boost::asio::read(socket, boost::asio::dynamic_buffer(body),
                      boost::asio::transfer_exactly(wanted - body.size()), error);
  return body;
}

}  // namespace

void ToldServer::serve() {
  while (true) {
    boost::system::error_code error;
    tcp::socket socket(io_);
    acceptor_.accept(socket, error);
    {
      const std::lock_guard lock(mutex_);
      if (ending_) return;
    }
    if (!error) answer(std::move(socket));
  }
}

void ToldServer::answer(tcp::socket socket) {
  boost::system::error_code error;
  std::string head;
  boost::asio::read_until(socket, boost::asio::dynamic_buffer(head), "\r\n\r\n", error);
  const std::string request = head.substr(0, head.find(" HTTP/1.1"));
  const std::string body = error ? std::string() : read_body(socket, head);
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    if (!body.empty()) bodies_.push_back(body);
  }
  const std::string target = request.substr(0, request.find('?'));
  auto told = answers_.find(target + " #" + std::to_string(++times_[target]));
  if (told == answers_.end()) told = answers_.find(target);
  if (told == answers_.end()) told = answers_.find("*");
  if (told != answers_.end()) boost::asio::write(socket, boost::asio::buffer(told->second), error);
  socket.shutdown(tcp::socket::shutdown_send, error);
  std::string rest;  // a client that still sends would not see the answer behind a reset
  boost::asio::read(socket, boost::asio::dynamic_buffer(rest), error);
}

std::string http_answer(const std::string& status, const std::string& content_type, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\nContent-Type: " + content_type +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
}

std::string row_event(int id, const std::string& what, const std::string& result) {
  return "id: " + std::to_string(id) +
         "\nevent: atom\ndata: {\"job\": \"u\", \"row\": {\"at\": \"T\", \"atom\": \"a\", \"what\": \"" +
         what + "\", \"data\": {\"result\": " + result + "}}}\n\n";
}

}  // namespace baton::test
