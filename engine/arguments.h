#pragma once

#include <string_view>
#include <vector>

#include "common/model/states.h"
#include "engine/flow.h"

namespace baton::engine {

struct Argument {
  std::string_view name;    // what the task calls it
  std::string_view symbol;  // what the flow calls it
};

/// The arguments of a task's execute, or of its revert (semantics.md 10); views into the spec. Of a plan's
/// spec each once: index_plan() has seen to it.
std::vector<Argument> arguments_of(const TaskSpec&, Intention);
/// Those of a retry, when it executes or answers; `values` of parameterized_for_each is one of them.
std::vector<Argument> arguments_of(const RetrySpec&);
/// What parameterized_for_each reads its values from: "values", usually rebound.
std::string_view values_symbol(const RetrySpec&);

/// The symbols that must come from elsewhere: execute's and revert's, without injected ones; each once,
/// sorted.
std::vector<std::string_view> needs_of(const TaskSpec&);
std::vector<std::string_view> needs_of(const RetrySpec&);

}  // namespace baton::engine
