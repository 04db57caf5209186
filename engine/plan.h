#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/model/ids.h"
#include "engine/flow.h"

namespace baton::engine {

/// A flow compiled: atoms, edges, scopes, deciders. Pure data, immutable, shared between threads freely,
/// stored with the flow and versioned. Everything else about its inside belongs to the engine's rooms
/// (plan_data.h).
struct PlanData;

enum class AtomKind : std::uint8_t { Task, Retry };

class Plan {
 public:
  explicit Plan(std::unique_ptr<const PlanData>);
  ~Plan();
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  std::size_t size() const;  // atoms
  const std::string& flow_name() const;
  const std::string& name(AtomIndex) const;
  AtomIndex find(std::string_view name) const;  // kNoAtom: none
  AtomKind kind(AtomIndex) const;
  const TaskSpec& task(AtomIndex) const;    // kind Task only
  const RetrySpec& retry(AtomIndex) const;  // kind Retry only
  /// Names of the flows around the atom, outermost first: for trees that people see.
  std::vector<std::string> scope_of(AtomIndex) const;
  /// Task types that the plan asks for, each once.
  std::vector<std::string> task_types() const;
  /// Atoms that directly precede this one (through start and end nodes): for pictures and messages.
  std::vector<AtomIndex> predecessors(AtomIndex) const;

  const PlanData& data() const { return *data_; }

 private:
  std::unique_ptr<const PlanData> data_;
};
using PlanPtr = std::shared_ptr<const Plan>;

/// Initial symbols of the flow ("store").
using Symbols = std::map<std::string, Value>;

/// Compiles and validates (semantics.md sections 1, 2): every error of TaskFlow's, and Baton's bounds.
Result<PlanPtr, FlowError> compile(const FlowSpec&, const Symbols& store);

/// For the store: self-contained (the store symbols are inside), with a version. decode refuses a newer
/// version by name.
std::string encode(const Plan&);
Result<PlanPtr, FlowError> decode(std::string_view bytes);

}  // namespace baton::engine
