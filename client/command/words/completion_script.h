#pragma once

#include <optional>
#include <string>

namespace baton::client {

/// What a shell asks at each press of Tab: `baton __complete WORD…`, the last word as far as it is written.
/// It answers with lines "candidate<Tab>what it is"; ":files" alone: names of files go here.
inline constexpr const char* kCompleteWord = "__complete";
inline constexpr const char* kFilesLine = ":files";

/// The script for bash, zsh or fish; nullopt for another shell.
std::optional<std::string> completion_script(const std::string& shell);

}  // namespace baton::client
