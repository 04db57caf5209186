#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace baton::test {

/// A host of 127.0.0.1 that is called: it reads each request whole, and says what it was told to say.
/// "": it says nothing, and keeps the connection. Threads: one of its own, which ends with it.
class ToldHost {
 public:
  explicit ToldHost(std::string answer);
  ~ToldHost();

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  std::vector<std::string> requests() const;

 private:
  void serve();

  const std::string answer_;
  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::uint16_t port_;
  mutable std::mutex mutex_;  // guards requests_
  std::vector<std::string> requests_;
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

}  // namespace baton::test
