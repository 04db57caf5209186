#include "conductor/api/advertised.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <optional>

namespace baton::api {
namespace {

namespace ip = boost::asio::ip;

struct HostPort {
  std::string host;  // an IPv6 address in brackets
  std::string port;  // may be empty
};

std::optional<ip::address> address_from(const std::string& text) {
  boost::system::error_code error;
  const auto address = ip::make_address(text, error);
  return error ? std::nullopt : std::optional(address);
}

HostPort split(const std::string& text) {
  if (const auto address = address_from(text); address && address->is_v6()) return {"[" + text + "]", ""};
  const auto colon = text.find(':', text.starts_with('[') ? text.find(']') : 0);
  if (colon == std::string::npos) return {text, ""};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

bool is_host(const std::string& host) {
  if (host.starts_with('[')) {
    const auto address = host.ends_with(']') ? address_from(host.substr(1, host.size() - 2)) : std::nullopt;
    return address && address->is_v6();
  }
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  });
}

bool is_port(const std::string& port) {
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  return error == std::errc() && end == port.data() + port.size() && number > 0;
}

}  // namespace

std::string problem_of_advertised(const std::string& advertised) {
  if (advertised.empty()) return {};
  const auto [host, port] = split(advertised);
  const bool port_wanted = advertised.ends_with(':') || !port.empty();
  if (is_host(host) && (!port_wanted || is_port(port))) return {};
  return "api.advertised: '" + advertised +
         "' is no host or host:port\n  hint: such as conductor-1.example.com, or 10.0.0.7:27080; nothing "
         "before "
         "or behind it";
}

std::string reachable_address(const std::string& advertised, const std::string& listens_at,
                              std::uint16_t port, const std::string& host_name) {
  const auto address = address_from(listens_at);
  const bool wildcard = address && address->is_unspecified();
  const auto said = split(!advertised.empty() ? advertised : wildcard ? host_name : listens_at);
  return said.host + ":" + (said.port.empty() ? std::to_string(port) : said.port);
}

}  // namespace baton::api
