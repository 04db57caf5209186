#pragma once

#include <cstdint>
#include <string>

namespace baton::api {

/// Why api.advertised can be no address of others; empty: it can, or it is empty.
std::string problem_of_advertised(const std::string& advertised);

/// "host:port" under which others reach an API that listens at this address and port. `advertised`: what the
/// operator says, a host or host:port; empty: the address itself, or the host's name where that is a
/// wildcard.
std::string reachable_address(const std::string& advertised, const std::string& listens_at,
                              std::uint16_t port, const std::string& host_name);

}  // namespace baton::api
