#pragma once

#include <functional>
#include <optional>
#include <string>

namespace baton::client {

/// Does it; what the system has refused this process meanwhile (descriptors, threads), and what to do, for
/// people. Nullopt: nothing. Any other exception goes on.
std::optional<std::string> refused_by_system(const std::function<void()>& does);

}  // namespace baton::client
