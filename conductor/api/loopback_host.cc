#include "conductor/api/loopback_host.h"

#include <boost/asio/ip/address.hpp>
#include <boost/beast/core/string.hpp>

namespace baton::api {
namespace {

namespace ip = boost::asio::ip;

std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.rfind(':'));
}

}  // namespace

bool names_loopback(std::string_view host) {
  const auto name = without_port(host);
  boost::system::error_code error;
  ip::make_address(std::string(name), error);
  return !error || boost::beast::iequals({name.data(), name.size()}, "localhost");
}

bool is_loopback_address(std::string_view address) {
  boost::system::error_code error;
  const auto parsed = ip::make_address(std::string(address), error);
  return !error && parsed.is_loopback();
}

}  // namespace baton::api
