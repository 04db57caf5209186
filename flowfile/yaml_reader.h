#pragma once

#include <optional>

#include "flowfile/limits.h"
#include "flowfile/node.h"

namespace baton::flowfile {

/// Reads one YAML document: mappings with texts as keys, lists, scalars; anchors and aliases are written out.
/// Behind a mistake in the form of the text nothing more can be read; all others are told together. nullopt:
/// there is no tree.
std::optional<Node> read_yaml(const SourcePtr&, Problems&, const Bounds& = {});

}  // namespace baton::flowfile
