#pragma once

#include <set>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace baton::fuzz {

/// What must hold at every step of any flow, seen from outside: by the facts as they come. Throws
/// std::logic_error with what was broken.
class WalkRules {
 public:
  explicit WalkRules(engine::PlanPtr);

  /// In the order in which they were made.
  void see(const std::vector<Fact>&);
  void see(const engine::Place&);
  void see_send(const engine::Request&, AtomIndex);
  void cancelled(bool keep) { cancelled_ = true, kept_ = keep; }
  /// The memory is a store's again: of an engine that was restored, or of a step that was cut.
  void restored(FlowState, const std::vector<AtomRecord>&);
  void ended(FlowState, bool kept) const;

  FlowState flow() const { return flow_; }

 private:
  void see(const AtomFact&);
  void see(const RangeFact&);
  void see(const FlowFact&);
  void check_execution(AtomIndex) const;
  void check_revert(const AtomFact&) const;
  void check_intention(AtomIndex, Intention) const;
  void need(bool holds, AtomIndex, const std::string& what) const;

  engine::PlanPtr plan_;
  std::vector<std::vector<AtomIndex>> before_, behind_;  // all, not only neighbours
  std::vector<AtomRecord> atoms_;
  std::vector<Dispatch> sent_;
  FlowState flow_ = FlowState::Pending;
  bool cancelled_ = false, kept_ = false;
};

}  // namespace baton::fuzz
