#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "common/model/atom_record.h"

namespace baton {

/// Which of an atom's larger fields a fact changed; the store writes only these.
enum ChangedField : std::uint8_t {
  kResultChanged = 1,
  kFailureChanged = 2,
  kRevertResultChanged = 4,
  kRevertFailureChanged = 8,
  kHistoryChanged = 16
};

/// An atom's record changed. `after` is the whole record; `from`, `from_attempt`, `from_dispatch` say what
/// the row must still hold for the fact to be applied (PROTOCOL.md I9).
struct AtomFact {
  AtomIndex atom = kNoAtom;
  AtomState from = AtomState::Pending;
  Attempt from_attempt = 0;
  Dispatch from_dispatch = 0;
  AtomRecord after;
  std::uint8_t changed = 0;  // ChangedField bits
  std::string
      note;  // for the history: why, where the states alone do not say it ("redelivered: worker lost")
};

/// Atoms [first, first + count) got this intention; with reset also the state PENDING (a retry's or a rerun's
/// reset; attempts, dispatches and stale results are kept). The intention IGNORE is a decider's no: it brings
/// the state IGNORE.
struct RangeFact {
  AtomIndex first = 0;
  AtomIndex count = 0;
  Intention intention = Intention::Execute;
  bool reset = false;
};

/// The flow changed state; with a final state: how it ended.
struct FlowFact {
  FlowState from = FlowState::Pending;
  FlowState state = FlowState::Running;
  Rare<Failure> failure;  // what the flow failed of
  std::vector<AtomIndex>
      kept;  // atoms whose effect was kept though the flow did not succeed (capped for people)
  std::string note;
};

/// What the engine wants remembered. seq counts the facts of a flow over its whole life.
struct Fact {
  std::uint64_t seq = 0;
  std::variant<AtomFact, RangeFact, FlowFact> body;
};

/// One step's facts folded: at most one update an atom (the first one's `from`, the last one's `after`, all
/// `changed` bits), ranges and flow changes in order. A range fact in between is already in the later
/// `after`s; one behind an atom's last fact stays a range (its seq is higher). Stores apply this; `facts`
/// themselves go to the history.
struct FoldedStep {
  std::vector<AtomFact> atoms;  // ascending by atom
  std::vector<Fact> ranges;
  std::vector<Fact> flow;
};
FoldedStep fold(const std::vector<Fact>& facts);

/// Applies the range facts that are newer than the record: what a store does at load.
void apply_ranges(std::vector<AtomRecord>& atoms, const std::vector<Fact>& ranges);

/// What the range facts say of the atoms [first, first + count), counted from `first`.
std::vector<Fact> ranges_over(const std::vector<Fact>& ranges, AtomIndex first, AtomIndex count);

}  // namespace baton
