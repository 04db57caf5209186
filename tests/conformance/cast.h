#pragma once

#include <optional>
#include <string>
#include <variant>

#include "common/model/failure.h"
#include "tests/conformance/case.h"
#include "tests/conformance/observed.h"

namespace baton::conformance {

/// Plays the atoms of one case as its script says, whatever engine calls them, and logs the calls.
class Cast {
 public:
  /// What a task is called with, by an engine's request or by a worker's.
  struct TaskCall {
    const std::string& atom;
    Intention intention;
    const Value& arguments;
    const Value& result;                    // of a revert
    const std::optional<Failure>& failure;  // of a revert
  };
  struct Turn {
    std::variant<Value, Failure> outcome;
    double slow_seconds = 0;
    bool silent = false;  // it starts, and says nothing more
  };

  Cast(const Case& one, Observed& seen, Deeds& deeds) : case_(one), seen_(seen), deeds_(deeds) {}

  Turn task(const TaskCall&);
  /// Nothing: its policy runs.
  std::optional<Failure> retry(const std::string& name, Intention);

 private:
  const Script& script_of(const std::string& atom) const;
  Turn execute(const TaskCall&, const Script&);
  Turn revert(const TaskCall&, const Script&);

  const Case& case_;
  Observed& seen_;
  Deeds& deeds_;
};

}  // namespace baton::conformance
