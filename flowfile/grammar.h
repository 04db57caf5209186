#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace baton::flowfile {

/// What the members of flow files may be. Checks, messages, `baton flow schema` and the published schema all
/// come from these tables.
enum class Form : std::uint8_t {
  Name,  // a text, not empty
  Text,
  Path,     // of a file: a text without parameters
  Texts,    // a list of texts
  TextMap,  // a mapping of texts to texts
  Values,   // a mapping of texts to anything
  Anything,
  List,  // of anything
  Integer,
  Decimal,
  Boolean,
  Choice,
  Duration,  // "30s"
  Provides,
  Flow,
  Nodes,
  Links,
  Retry,
  Timeouts,
  Backoff,
  Condition,  // `when` of a node
  Decider,    // `when` of a link
  ForEach,
  Parameters,  // as a file declares them
};

std::string_view wanted(Form);  // "a text", "a list", … for messages

struct Rule {
  std::string_view name;
  Form form = Form::Anything;
  std::string_view about;
  bool required = false;
  std::int64_t min = 0, max = 0;                   // Integer, Decimal
  std::span<const std::string_view> choices = {};  // Choice
};

/// The members of one kind of mapping.
struct Shape {
  std::string_view what;  // "a flow", for messages
  std::span<const Rule> rules;

  const Rule* find(std::string_view name) const;
};

namespace shapes {
extern const Shape kFile, kFlow, kTask, kNested, kInclude, kRetry, kLink, kDecider, kTimeouts, kBackoff,
    kParameter, kProvides;
}  // namespace shapes

/// A member in milliseconds ("heartbeat_ms") that is also written as a duration ("heartbeat"): "_ms".
inline constexpr std::string_view kMillisEnd = "_ms";

}  // namespace baton::flowfile
