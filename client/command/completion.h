#pragma once

#include <optional>
#include <string>

namespace baton::client {

/// A script for bash, zsh or fish; nullopt: another shell.
std::optional<std::string> completion_script(const std::string& shell);

}  // namespace baton::client
