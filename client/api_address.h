#pragma once

#include <string>
#include <vector>

namespace baton::client {

inline constexpr const char* kDefaultApi = "127.0.0.1:27080";

/// "host:port, host:port": conductors to try in this order.
std::vector<std::string> api_addresses(const std::string& text);

}  // namespace baton::client
