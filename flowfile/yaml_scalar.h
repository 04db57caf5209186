#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "flowfile/node.h"

namespace baton::flowfile {

/// What a text without quotes is in YAML. What YAML 1.1 and 1.2 read as different values (on, 0123, 12:30) is
/// refused instead of guessed: `refused` says why.
struct Scalar {
  Node::Kind kind = Node::Kind::Text;
  std::string text;  // as Node has it
  std::string refused, hint;
};

Scalar plain_scalar(std::string_view text);

}  // namespace baton::flowfile
