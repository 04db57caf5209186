#include "tests/engine/engine_story.h"

using namespace baton;
using namespace baton::engine;
using namespace baton::tests;

namespace {

AtomRecord ended(AtomState state, const std::string& failed_of = {}) {
  AtomRecord record;
  record.state = state;
  record.attempt = 1;
  if (!failed_of.empty()) record.failure = Failure::make(failed_of, "");
  return record;
}

/// What a rerun starts, of "a > b" with these records, when its claim has put the flow back to PENDING.
Names started_of(AtomRecord a, AtomRecord b, std::uint32_t run = 2) {
  auto engine = Engine::make(plan_of("a > b"), {}, FlowState::Pending, {std::move(a), std::move(b)}, 10, run);
  REQUIRE(engine.ok());
  const std::vector<Event> begin{Started{}};
  StepOutput out;
  (*engine)->step(TimePoint{}, begin, out);
  Names names;
  for (const auto& command : out.commands)
    if (const auto* place = std::get_if<Place>(&command))
      for (const AtomIndex atom : place->atoms) names.push_back((*engine)->plan().name(atom));
  if (names.empty()) names.emplace_back(to_string((*engine)->state()));
  return names;
}

}  // namespace

TEST_CASE("a rerun of an undone flow begins anew, any other goes on") {
  CHECK(started_of(ended(AtomState::Reverted), ended(AtomState::Reverted)) == Names{"a"});
  CHECK(started_of(ended(AtomState::Reverted), AtomRecord()) == Names{"a"});
  CHECK(started_of(ended(AtomState::Success), ended(AtomState::Reverted)) == Names{"a"});  // a local revert
  CHECK(started_of(ended(AtomState::Success), ended(AtomState::Failure, "Cancelled")) == Names{"a"});
  CHECK(started_of(ended(AtomState::Success), ended(AtomState::Ignore)) == Names{"SUCCESS"});
  CHECK(started_of(ended(AtomState::Success), ended(AtomState::RevertFailure)) == Names{"FAILURE"});
  CHECK(started_of(ended(AtomState::Success), ended(AtomState::Failure, "Boom")) == Names{"b"});  // reverted
  CHECK(started_of(AtomRecord(), AtomRecord()) == Names{"a"});
}

TEST_CASE("a first run that found records goes on from them") {
  CHECK(started_of(ended(AtomState::Success), AtomRecord(), 1) == Names{"b"});
}
