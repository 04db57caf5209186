#pragma once

#include <optional>

#include "flowfile/node.h"

namespace baton::flowfile {

/// Reads JSON into the same tree. Boost.JSON judges the text, surrogate pairs and numbers included; numbers
/// stay as they were written. nullopt: there is no tree.
std::optional<Node> read_json(const SourcePtr&, Problems&);

}  // namespace baton::flowfile
