#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace baton::flowfile {

inline constexpr const char* kStoredNameRule =
    "letters, digits, '.', '_' and '-', a letter or digit first, at most 255 bytes, and no .yaml, .yml or "
    ".json at its end: that is a file";

/// Whether a flow file can be stored under it: it is never taken for a path, and has no '@' in it.
bool is_stored_name(std::string_view);

/// "create-cluster" or "create-cluster@3".
struct StoredName {
  std::string name;
  std::uint32_t version = 0;  // 0: the newest
};
/// nullopt: it is neither.
std::optional<StoredName> stored_name_from(std::string_view);

}  // namespace baton::flowfile
