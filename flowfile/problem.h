#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace baton::flowfile {

/// A file's text as it was read, with the path that people gave or an `include` named.
struct Source {
  std::string path, text;
};
using SourcePtr = std::shared_ptr<const Source>;

/// Where something stands. Lines and columns count from 1, columns in characters; line 0: the file as a
/// whole.
struct Place {
  SourcePtr source;
  std::size_t line = 0, column = 0;
};

/// One mistake: where, what, and what to do about it (empty: nothing better to say).
struct Problem {
  Place at;
  std::string what, hint;
};

/// All that is wrong, in the order of the text, each once.
using Problems = std::vector<Problem>;

/// "create.yaml:14:9: what", the line with a caret under the place, "hint: …"; for people.
std::string shown(const Problem&);
std::string shown(const Problems&);

}  // namespace baton::flowfile
