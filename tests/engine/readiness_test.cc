#include "engine/readiness.h"

#include "tests/engine/engine_story.h"

namespace baton::tests {

using engine::Wish;

TEST_CASE("readiness follows the neighbours through starts and ends, and back") {
  const auto plan = plan_of(R"({"name": "f", "pattern": "linear", "nodes": [
      {"task": "step", "name": "a"},
      {"flow": {"name": "g", "pattern": "unordered", "nodes": [
          {"task": "step", "name": "b"}, {"task": "step", "name": "c"}]}},
      {"task": "step", "name": "d"}]})");
  engine::Readiness readiness(plan->data());
  CHECK(readiness.take_new() == std::vector<AtomIndex>{0});
  readiness.update(0, AtomState::Running, Intention::Execute);
  CHECK(readiness.ready_to_execute() == 0);
  readiness.update(0, AtomState::Success, Intention::Execute);
  CHECK(readiness.take_new() == std::vector<AtomIndex>{1, 2});
  readiness.update(1, AtomState::Success, Intention::Execute);
  CHECK(readiness.ready_for(3) == Wish::Nothing);
  readiness.update(2, AtomState::Ignore, Intention::Ignore);
  CHECK(readiness.ready_for(3) == Wish::Execute);

  readiness.update(2, AtomState::Ignore, Intention::Revert);  // does not count as done any more
  CHECK(readiness.ready_for(3) == Wish::Nothing);
  readiness.update(3, AtomState::Pending, Intention::Revert);
  readiness.update(1, AtomState::Success, Intention::Revert);
  readiness.update(0, AtomState::Success, Intention::Revert);
  CHECK(readiness.ready_for(0) == Wish::Nothing);
  CHECK(readiness.ready_for(1) == Wish::Revert);
  readiness.update(1, AtomState::Reverted, Intention::Revert);
  CHECK(readiness.ready_for(0) == Wish::Revert);
  CHECK(readiness.ready_to_revert() == 1);
}

TEST_CASE("all before an atom must be done, not only what is next to it") {
  const auto plan = plan_of("a > b > c");
  engine::Readiness readiness(plan->data());
  readiness.update(1, AtomState::Ignore, Intention::Ignore);
  CHECK(readiness.ready_for(2) == Wish::Nothing);
  readiness.update(0, AtomState::Success, Intention::Execute);
  CHECK(readiness.ready_for(2) == Wish::Execute);
}

TEST_CASE("an atom is offered once while it stays ready") {
  const auto plan = plan_of("a");
  engine::Readiness readiness(plan->data());
  readiness.take_new();
  readiness.mark_offered(0);
  CHECK(readiness.offered(0));
  CHECK(readiness.take_new().empty());
  readiness.update(0, AtomState::Pending, Intention::Revert);
  CHECK_FALSE(readiness.offered(0));
  readiness.update(0, AtomState::Pending, Intention::Execute);
  CHECK(readiness.take_new() == std::vector<AtomIndex>{0});
  readiness.mark_offered(0);
  readiness.renew_all();
  CHECK_FALSE(readiness.offered(0));
  CHECK(readiness.take_new() == std::vector<AtomIndex>{0});
}

}  // namespace baton::tests
