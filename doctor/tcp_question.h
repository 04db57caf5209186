#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "common/model/result.h"
#include "common/model/time.h"

namespace baton::doctor {

/// "host:port" taken apart; a missing port: the one that is given.
std::pair<std::string, std::string> host_and_port(const std::string& address, const std::string& port);

/// Sends bytes and reads until the other side closes, `enough` of what came, or 64 KiB. Blocks up to the
/// deadline, except for a name that is being resolved. The error is for people.
Result<std::string, std::string> ask_over_tcp(const std::string& host, const std::string& port,
                                              const std::string& bytes, Millis deadline,
                                              const std::function<bool(std::string_view)>& enough);

}  // namespace baton::doctor
