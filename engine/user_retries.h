#pragma once

#include <string>

#include "common/model/atom_record.h"
#include "engine/flow.h"

namespace baton::engine {

/// What a retry's policy may look at: all of it is on record.
struct RetryCall {
  const std::string& retry;  // the atom's name
  const RetrySpec& spec;
  const RetryHistory& history;
  const Value& arguments;  // an object; null where they cannot be had (a failure is answered all the same)
};

/// Retry policies of modules, as the engine asks them: on the flow's thread, in the middle of a step, so they
/// answer at once. They need not be deterministic: what they said is recorded in the step that asked, and a
/// restored engine does not ask again. `attempts`, `budget` and `retry_on` bind them; they are not asked
/// beyond.
class UserRetries {
 public:
  virtual ~UserRetries() = default;
  virtual bool knows(const std::string& policy) const = 0;
  /// What the next attempt's flow is given. A failure is the retry's own (semantics.md 28).
  virtual Result<Value, Failure> execute(const RetryCall&) const = 0;
  /// `failed`: the atom. A failure to answer counts as Revert, and is told.
  virtual Result<RetryAnswer, Failure> on_failure(const RetryCall&, const std::string& failed,
                                                  const Failure&) const = 0;
};

}  // namespace baton::engine
