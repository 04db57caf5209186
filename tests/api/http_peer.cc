#include "tests/api/http_peer.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/parse.hpp>
#include <cctype>

#include "tests/support/asio_pump.h"

namespace baton::test {
namespace {

using boost::asio::ip::tcp;

constexpr Millis kLimit{10'000};
constexpr std::string_view kProblem = "urn:baton:problem:";

std::string member(const std::string& body, const char* name) {
  boost::system::error_code error;
  const auto value = boost::json::parse(body, error);
  const auto* object = value.if_object();
  const auto* found = object ? object->if_contains(name) : nullptr;
  return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

}  // namespace

boost::json::value HttpAnswer::json() const {
  return boost::json::parse(body);
}

std::string HttpAnswer::problem() const {
  const auto type = member(body, "type");
  return type.starts_with(kProblem) ? type.substr(kProblem.size()) : "";
}

std::string HttpAnswer::detail() const {
  return member(body, "detail");
}

HttpPeer::HttpPeer(runtime::AsioLoop& loop, std::uint16_t port)
    : loop_(loop), state_(std::make_shared<State>(loop.io_context())) {
  state_->socket.connect(tcp::endpoint(boost::asio::ip::address_v4::loopback(), port));
  read(state_);
}

void HttpPeer::read(std::shared_ptr<State> state) {
  auto& socket = state->socket;
  socket.async_read_some(boost::asio::buffer(state->buffer), [state](auto error, std::size_t bytes) {
    state->received.append(state->buffer.data(), bytes);
    if (error)
      state->closed = true;
    else
      read(state);
  });
}

void HttpPeer::say(std::string bytes) {
  auto kept = std::make_shared<std::string>(std::move(bytes));
  boost::asio::async_write(state_->socket, boost::asio::buffer(*kept),
                           [kept, state = state_](auto, std::size_t) {});
}

bool HttpPeer::wait_closed() {
  return pump_loop(
      loop_, [this] { return state_->closed; }, kLimit);
}

bool HttpPeer::wait_for(const std::string& text) {
  return pump_loop(
      loop_, [&] { return state_->received.find(text) != std::string::npos; }, kLimit);
}

void HttpPeer::close() {
  boost::system::error_code ignored;
  state_->socket.close(ignored);
}

HttpAnswer HttpPeer::answer() const {
  HttpAnswer answer;
  const auto& all = state_->received;
  const auto head_end = all.find("\r\n\r\n");
  if (head_end == std::string::npos || all.size() < 12) return answer;
  answer.status = static_cast<unsigned>(std::stoul(all.substr(9, 3)));
  answer.body = all.substr(head_end + 4);
  for (auto at = all.find("\r\n") + 2; at < head_end;) {
    const auto end = all.find("\r\n", at);
    const auto colon = all.find(':', at);
    auto name = all.substr(at, colon - at);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
    answer.headers[name] = all.substr(colon + 2, end - colon - 2);
    at = end + 2;
  }
  return answer;
}

std::string http_request(const std::string& method, const std::string& target, const std::string& body,
                         const std::map<std::string, std::string>& headers) {
  std::map<std::string, std::string> all{{"Host", "127.0.0.1"}, {"Connection", "close"}};
  if (!body.empty()) all["Content-Type"] = "application/json";
  if (!body.empty() || method == "POST") all["Content-Length"] = std::to_string(body.size());
  for (const auto& [name, value] : headers) all[name] = value;
  std::string text = method + " " + target + " HTTP/1.1\r\n";
  for (const auto& [name, value] : all)
    if (!value.empty()) text += name + ": " + value + "\r\n";
  return text + "\r\n" + body;
}

}  // namespace baton::test
