#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Words that messages about flow files share.
namespace baton::flowfile {

/// The known name that a misspelt one was meant to be, if one is near enough.
std::optional<std::string> nearest(std::string_view given, std::span<const std::string> known);

/// "did you mean 'pattern'? known: name, pattern"
std::string known_hint(std::string_view given, std::span<const std::string> known);
std::string known_hint(std::string_view given, std::span<const std::string_view> known);

std::string in_quotes(std::string_view name);  // 'name', cut where it is long

}  // namespace baton::flowfile
