#pragma once

#include <vector>

#include "common/model/fact.h"

namespace baton::tests {

/// What a store keeps of a flow: a row an atom, ranges beside them, the flow's state. Written as the real
/// stores write it: one folded update an atom and step.
class StoredFlow {
 public:
  explicit StoredFlow(std::size_t atoms) : rows_(atoms) {}

  void append(const std::vector<Fact>& facts);
  std::vector<AtomRecord> load() const;
  FlowState state() const { return state_; }
  void begin_run() { state_ = FlowState::Pending; }
  std::uint64_t last_seq() const { return last_seq_; }

 private:
  std::vector<AtomRecord> rows_;
  std::vector<Fact> ranges_;
  FlowState state_ = FlowState::Pending;
  std::uint64_t last_seq_ = 0;
};

/// The same in everything that a store keeps.
bool same_record(const AtomRecord&, const AtomRecord&);

}  // namespace baton::tests
