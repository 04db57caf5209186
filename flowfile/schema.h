#pragma once

#include <string>

namespace baton::flowfile {

/// The JSON Schema (2020-12) of flow files, made of the tables in grammar.h; docs/flow-file.schema.json is
/// this text. It says what an editor can know; `baton flow validate` knows the rest.
std::string schema_text();

}  // namespace baton::flowfile
