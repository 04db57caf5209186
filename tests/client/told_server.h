#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace baton::test {

/// An HTTP server of 127.0.0.1 that gives to each request the answer that it was told for its method and
/// target
/// ("GET /v1/jobs", without the query), or else the one for "*". The second time, the one for "GET /v1/jobs
/// #2" if there is one, and so on; "": the connection is closed without an answer. One connection a request.
/// Threads: one of its own, which ends with it.
class ToldServer {
 public:
  explicit ToldServer(std::map<std::string, std::string> answers);
  ~ToldServer();

  std::string address() const;
  std::vector<std::string> requests() const;  // "GET /v1/jobs?limit=50", in order
  std::vector<std::string> bodies() const;    // of those that had one

 private:
  void serve();
  void answer(boost::asio::ip::tcp::socket);

  const std::map<std::string, std::string> answers_;
  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  mutable std::mutex mutex_;          // guards requests_, bodies_ and ending_
  std::map<std::string, int> times_;  // its thread's
  std::vector<std::string> requests_, bodies_;
  bool ending_ = false;
  std::thread thread_;
};

/// A whole answer with its body.
std::string http_answer(const std::string& status, const std::string& content_type, const std::string& body);

/// A job's row as its stream of events gives it, and what ends that when the job has ended.
std::string row_event(int id, const std::string& what, const std::string& result = "null");
inline constexpr const char* kEndEvent = "event: end\ndata: {\"reason\": \"the job has ended\"}\n\n";

}  // namespace baton::test
