#pragma once

#include <span>
#include <string_view>

namespace baton::postgres {

/// One step of the schema, built into the program from migrations/NNNN_name.sql.
struct Migration {
  int version = 0;
  std::string_view name;
  std::string_view checksum;  // SHA-256 of the text, hexadecimal
  std::string_view sql;
};

/// All of them, versions 1, 2, … in order; the last one's is the version that this program needs.
std::span<const Migration> migrations();

}  // namespace baton::postgres
