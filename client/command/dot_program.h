#pragma once

#include <string>

#include "common/model/result.h"

namespace baton::client {

/// Graphviz's program `dot` lays the picture out; the error says that it is not there, or what it said. A
/// program, not libgvc: who never draws needs none of it, and what it does with its memory is its own.
Result<std::string, std::string> svg_of(const std::string& dot_picture);

}  // namespace baton::client
