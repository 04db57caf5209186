#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "tests/conformance/case_store.h"
#include "tests/conformance/observed.h"

namespace baton::conformance {

/// What the runner sees of an engine's commits, whatever host makes them (conformance/README.md): it cuts the
/// commit that has the crash POINT, says when the suspend POINT is reached, and keeps a record of everything,
/// so that a restored engine can be compared with it.
class CommitWatch {
 public:
  CommitWatch(const Case&, Observed&, Deeds&);

  /// A new engine; the plan must outlive its life.
  void begin_life(const engine::Plan&);
  void end_life();

  /// Before starts are answered: the case's suspension or cancel is due, and taken by this.
  std::optional<engine::Event> order_due(const std::vector<Fact>& step_so_far, FlowState live);
  /// One commit: what of it is remembered. All of it, or the part up to and including the crash POINT.
  std::vector<Fact> commit(const std::vector<Fact>& facts);
  bool crashed() const { return crashed_; }
  /// After a crash: tasks that the cut commit has started in a round before the POINT's. TaskFlow, which
  /// commits round by round, has called them.
  const std::vector<AtomIndex>& called_before_crash() const { return called_before_crash_; }

  const CaseStore& store() const { return store_; }
  /// A rerun's claim puts the flow back to PENDING.
  void put_back() { store_.state = FlowState::Pending; }
  /// What a restore finds, or would find, is what this has seen: differences become defects.
  void compare(const std::string& what, FlowState, const std::function<const AtomRecord&(AtomIndex)>&);

 private:
  void look_for_suspend(const std::vector<Fact>&);
  void keep_answers(const std::vector<Fact>& kept);
  void find_calls(const std::vector<Fact>& kept);
  void take_back_calls(const std::vector<Fact>& all, const std::vector<Fact>& kept);

  const Case& case_;
  Observed& seen_;
  Deeds& deeds_;
  const engine::Plan* plan_ = nullptr;
  CaseStore store_;
  std::vector<Point> crashes_, suspends_;  // not reached yet
  std::optional<PointWatch> crash_, suspend_;
  bool crashed_ = false;
  std::vector<AtomIndex> called_before_crash_;
  bool suspend_due_ = false;
  CaseStore shadow_;         // the state as the suspend POINT's watch has followed it
  std::size_t watched_ = 0;  // facts of this step that it has seen
};

}  // namespace baton::conformance
