#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/model/failure.h"
#include "engine/arguments.h"
#include "engine/flow_book.h"

namespace baton::engine {

/// The value of a symbol for an atom, as things stand (semantics.md 12): its inject, the store, then the
/// nearest provider. Nothing: no provider has it now (15).
std::optional<Value> find_symbol(const FlowBook&, AtomIndex, std::string_view symbol);

/// What Python's result[index] or result[key] gives, or the whole; nothing where it throws.
std::optional<Value> item_of(const Value& result, const Provides&, std::uint32_t item);

/// An atom's arguments by name.
using ArgumentValues = std::vector<std::pair<std::string_view, Value>>;

/// All of them, or the failure MissingSymbol that names the first that is not to be had.
Result<ArgumentValues, Failure> find_arguments(const FlowBook&, AtomIndex, const std::vector<Argument>&);

/// {"argument": value, …}, the values' bytes as they were received.
std::string arguments_json(const ArgumentValues&);

/// Why a task's execute or revert cannot have its arguments: failures MissingSymbol and ArgumentsTooLarge.
std::optional<Failure> arguments_refused(const FlowBook&, AtomIndex, Intention);

/// The arguments, as JSON. Only if they are not refused.
Value task_arguments(const FlowBook&, AtomIndex, Intention);

}  // namespace baton::engine
