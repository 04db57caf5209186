#pragma once

#include <optional>
#include <string>
#include <utility>

#include "client/command/context.h"

namespace baton::client {

/// Why a run cannot begin: how `baton` ends of it, and what it is, for people.
struct SessionProblem {
  Ended how = Ended::Usage;
  std::string what;
};
using MaybeProblem = std::optional<SessionProblem>;

inline SessionProblem refused(std::string what) {
  return {Ended::Refused, std::move(what)};
}
inline SessionProblem wrong(std::string what) {
  return {Ended::Usage, std::move(what)};
}
inline SessionProblem trouble(std::string what) {
  return {Ended::Unreachable, std::move(what)};
}

}  // namespace baton::client
