#include "doctor/tcp_question.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

namespace baton::doctor {
namespace {

namespace asio = boost::asio;
using Code = boost::system::error_code;

constexpr std::size_t kAnswerBytesMax = 64 * 1024;

/// One question over one connection.
class Question {
 public:
  Question(const std::string& bytes, const std::function<bool(std::string_view)>& enough)
      : bytes_(bytes), enough_(enough) {}

  Result<std::string, std::string> ask(const std::string& host, const std::string& port, Millis deadline) {
    asio::ip::tcp::resolver resolver(io_);
    Code code;
    const auto found = resolver.resolve(host, port, code);
    if (code) return Fail("'" + host + ":" + port + "' cannot be resolved: " + code.message());
    asio::async_connect(socket_, found, [this](Code failed, const auto&) { connected(failed); });
    io_.run_for(deadline);
    if (done_) return ended_;
    return Fail(std::string(connected_
                                ? "accepts the connection and says nothing"
                                : "no answer: it may be down, or something swallows what is sent there"));
  }

 private:
  void connected(Code failed) {
    if (failed) return end(Fail("no connection: " + failed.message()));
    connected_ = true;
    asio::async_write(socket_, asio::buffer(bytes_), [this](Code broken, std::size_t) {
      if (broken) return end(Fail("it closes the connection: " + broken.message()));
      read();
    });
  }

  void read() {
    socket_.async_read_some(asio::buffer(buffer_), [this](Code broken, std::size_t count) {
      answer_.append(buffer_.data(), count);
      if (broken == asio::error::eof || enough_(answer_) || answer_.size() > kAnswerBytesMax)
        return end(answer_);
      if (broken) return end(Fail("it closes the connection: " + broken.message()));
      read();
    });
  }

  void end(Result<std::string, std::string> how) {
    ended_ = std::move(how);
    done_ = true;
    io_.stop();
  }

  const std::string bytes_;
  const std::function<bool(std::string_view)> enough_;
  asio::io_context io_;
  asio::ip::tcp::socket socket_{io_};
  std::array<char, 4096> buffer_{};
  std::string answer_;
  Result<std::string, std::string> ended_{std::string()};
  bool connected_ = false, done_ = false;
};

}  // namespace

std::pair<std::string, std::string> host_and_port(const std::string& address, const std::string& port) {
  const auto colon = address.rfind(':');
  const bool bare_six = address.find(':') != colon && !address.starts_with('[');  // "::1"
  if (colon == std::string::npos || bare_six) return {address, port};
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return {host, address.substr(colon + 1)};
}

Result<std::string, std::string> ask_over_tcp(const std::string& host, const std::string& port,
                                              const std::string& bytes, Millis deadline,
                                              const std::function<bool(std::string_view)>& enough) {
  return Question(bytes, enough).ask(host, port, deadline);
}

}  // namespace baton::doctor
