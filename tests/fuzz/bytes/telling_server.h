#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <mutex>
#include <string>
#include <thread>

namespace baton::fuzz {

/// A server of 127.0.0.1 that gives the same bytes to whoever says something, and closes. One connection at a
/// time. Threads: one of its own, for as long as the process lives: make it once, and do not delete it.
class TellingServer {
 public:
  TellingServer();

  std::string address() const;
  void tell(std::string bytes);

 private:
  void serve();
  void answer(boost::asio::ip::tcp::socket);

  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::mutex mutex_;
  std::string bytes_;  // guarded by it
  std::thread thread_;
};

}  // namespace baton::fuzz
