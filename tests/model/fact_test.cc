#include "common/model/fact.h"

#include <catch2/catch.hpp>

#include "common/model/range_state.h"

using namespace baton;

namespace {

Fact atom_fact(std::uint64_t seq, AtomIndex atom, AtomState from, AtomState to, std::uint8_t changed = 0) {
  AtomFact fact;
  fact.atom = atom;
  fact.from = from;
  fact.after.state = to;
  fact.changed = changed;
  return {seq, fact};
}

}  // namespace

TEST_CASE("an atom that changes twice in a step is one update from the first state to the last") {
  const auto folded = fold({atom_fact(1, 7, AtomState::Pending, AtomState::Running),
                            atom_fact(2, 3, AtomState::Running, AtomState::Failure, kFailureChanged),
                            atom_fact(3, 7, AtomState::Running, AtomState::Success, kResultChanged)});
  REQUIRE(folded.atoms.size() == 2);
  CHECK(folded.atoms[0].atom == 3);
  CHECK(folded.atoms[1].atom == 7);
  CHECK(folded.atoms[1].from == AtomState::Pending);
  CHECK(folded.atoms[1].after.state == AtomState::Success);
  CHECK(folded.atoms[1].changed == kResultChanged);
  CHECK(folded.atoms[1].after.seq == 3);
}

TEST_CASE("ranges and flow changes keep their order beside the atoms") {
  const auto folded = fold({{1, RangeFact{0, 4, Intention::Revert, false}},
                            {2, FlowFact{FlowState::Pending, FlowState::Running, {}, {}, {}}},
                            {3, RangeFact{0, 4, Intention::Execute, true}}});
  REQUIRE(folded.ranges.size() == 2);
  CHECK(folded.ranges[1].seq == 3);
  CHECK(folded.flow.size() == 1);
}

TEST_CASE("a range applies to the atoms that were not written after it") {
  std::vector<AtomRecord> atoms(3);
  atoms[0].state = AtomState::Success, atoms[0].seq = 5;
  atoms[1].state = AtomState::Reverted, atoms[1].seq = 20;
  atoms[2].state = AtomState::Failure, atoms[2].seq = 6, atoms[2].attempt = 4;
  apply_ranges(atoms, {{10, RangeFact{0, 3, Intention::Revert, false}},
                       {15, RangeFact{1, 2, Intention::Execute, true}}});
  CHECK(atoms[0].intention == Intention::Revert);
  CHECK(atoms[0].state == AtomState::Success);
  CHECK(atoms[1].intention == Intention::Execute);
  CHECK(atoms[1].state == AtomState::Reverted);
  CHECK(atoms[2].state == AtomState::Pending);
  CHECK(atoms[2].intention == Intention::Execute);
  CHECK(atoms[2].attempt == 4);
}

TEST_CASE(
    "a fact finds the state that the last reset or no over a range made, of those between it and the row") {
  const std::vector<Fact> ranges{{10, RangeFact{0, 3, Intention::Ignore, false}},
                                 {15, RangeFact{1, 2, Intention::Execute, true}},
                                 {20, RangeFact{1, 1, Intention::Revert, false}},
                                 {25, RangeFact{2, 1, Intention::Ignore, false}}};
  const auto found = [&](AtomIndex atom, std::uint64_t after, std::uint64_t before) {
    return state_between(ranges, atom, AtomState::Success, after, before);
  };
  CHECK(found(0, 0, 30) == AtomState::Ignore);
  CHECK(found(0, 0, 10) == AtomState::Success);   // it came before the range
  CHECK(found(0, 10, 30) == AtomState::Success);  // the row was written behind it
  CHECK(found(1, 0, 12) == AtomState::Ignore);
  CHECK(found(1, 0, 30) == AtomState::Pending);  // an intention alone changes no state
  CHECK(found(2, 0, 20) == AtomState::Pending);
  CHECK(found(2, 0, 30) == AtomState::Ignore);
  CHECK(found(3, 0, 30) == AtomState::Success);
}

TEST_CASE("a range that was cut applies with all of its pieces") {
  std::vector<AtomRecord> atoms(6);
  for (AtomRecord& atom : atoms) atom.state = AtomState::Reverted, atom.seq = 3;
  apply_ranges(atoms, {{7, RangeFact{2, 2, Intention::Execute, true}},
                       {7, RangeFact{0, 2, Intention::Execute, true}},
                       {7, RangeFact{4, 1, Intention::Execute, true}}});
  for (AtomIndex i = 0; i < 5; ++i) {
    INFO(i);
    CHECK(atoms[i].state == AtomState::Pending);
    CHECK(atoms[i].seq == 7);
  }
  CHECK(atoms[5].state == AtomState::Reverted);
}

TEST_CASE("many ranges make of an atom what each after the other would") {
  std::uint32_t dice = 7;
  const auto below = [&dice](std::uint32_t bound) {
    return (dice = dice * 1664525 + 1013904223) / 65536 % bound;
  };
  static constexpr AtomIndex kAtoms = 40;
  for (int round = 0; round < 200; ++round) {
    std::vector<AtomRecord> atoms(kAtoms);
    for (AtomRecord& atom : atoms) {
      atom.state = AtomState::Running, atom.attempt = 1, atom.seq = below(30);
      atom.delivery = Delivery{};
    }
    std::vector<Fact> ranges;
    for (std::uint64_t seq = 1; seq < 30; seq += 1 + below(3)) {
      const AtomIndex first = below(kAtoms);
      const auto intention = static_cast<Intention>(below(4));
      ranges.push_back({seq, RangeFact{first, below(kAtoms - first + 1), intention, below(3) == 0}});
    }
    auto expected = atoms;
    for (const Fact& fact : ranges)
      for (AtomIndex i = 0; i < kAtoms; ++i) {
        const auto& range = std::get<RangeFact>(fact.body);
        if (i < range.first || i >= range.first + range.count || expected[i].seq >= fact.seq) continue;
        expected[i].intention = range.intention;
        if (range.reset) expected[i].state = AtomState::Pending, expected[i].delivery.reset();
        if (range.intention == Intention::Ignore) expected[i].state = AtomState::Ignore;
        expected[i].seq = fact.seq;
      }
    apply_ranges(atoms, ranges);
    for (AtomIndex i = 0; i < kAtoms; ++i) {
      INFO("round " << round << ", atom " << i);
      CHECK(atoms[i].intention == expected[i].intention);
      CHECK(atoms[i].state == expected[i].state);
      CHECK(atoms[i].seq == expected[i].seq);
      CHECK(atoms[i].delivery.has_value() == expected[i].delivery.has_value());
    }
  }
}

TEST_CASE("a retry's history survives being stored") {
  RetryHistory history(2);
  history[0].value = Value::of_number(1);
  history[0].failures = {{"create-a", Failure::make("Quota", "no room", Value::of_string("x"))}};
  history[0].first_failure_at = TimePoint(Micros(1'700'000'000'000'001));
  history[1].value = Value::of_string("b");
  const auto again = retry_history_from(to_value(history));
  REQUIRE(again.size() == 2);
  CHECK(again[0].value == history[0].value);
  CHECK(again[0].failures == history[0].failures);
  CHECK(again[0].first_failure_at == history[0].first_failure_at);
  CHECK(again[1].value == history[1].value);
  CHECK(again[1].failures.empty());
}
