#pragma once

#include <string_view>

namespace baton::api {

/// A Host header that names this machine by itself: "localhost" or an IP address, with or without a port. Any
/// other name could be one that an attacker's web page made point here (DNS rebinding).
bool names_loopback(std::string_view host);

/// "127.0.0.1", "::1", …
bool is_loopback_address(std::string_view address);

}  // namespace baton::api
