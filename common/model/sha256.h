#pragma once

#include <string>
#include <string_view>

namespace baton {

/// SHA-256 (FIPS 180-4) in hex, as sha256sum prints it: to tell whether two texts are one.
std::string sha256_hex(std::string_view text);

}  // namespace baton
