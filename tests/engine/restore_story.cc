#include "tests/engine/engine_story.h"

namespace baton::tests {
namespace {

template <class Command>
std::vector<Command> commands_of(const std::vector<engine::Command>& commands) {
  std::vector<Command> found;
  for (const auto& command : commands)
    if (const auto* one = std::get_if<Command>(&command)) found.push_back(*one);
  return found;
}

}  // namespace

TEST_CASE_METHOD(EngineStory, "a new owner repeats what is on record, to the same workers") {
  given_flow("a, b, c");
  succeed("b");
  restore();
  CHECK(last_facts().empty());
  CHECK(sent() == Names{"a", "c"});
  CHECK(record("a").delivery->worker_name == "w1");
  succeed("a");
  succeed("c");
  CHECK(flow_state() == FlowState::Success);
}

TEST_CASE_METHOD(EngineStory, "a revert that is out is sent again") {
  given_flow("a > b");
  succeed("a");
  fail("b");
  succeed("b");
  restore();
  CHECK(sent() == Names{"a"});
  CHECK(request("a").intention == Intention::Revert);
}

TEST_CASE_METHOD(EngineStory, "H24: before a running execution is reverted its worker is asked") {
  given_flow("a, b");
  fail("b");
  restore();
  const auto probes = commands_of<engine::Probe>(last_commands());
  REQUIRE(probes.size() == 1);
  CHECK(probes[0].atom == 0);
  CHECK(probes[0].dispatch == 1);
  CHECK(probes[0].worker == record("a").delivery->worker);
  CHECK(sent() == Names{"b"});

  SECTION("it runs: awaited, then reverted with its result") {
    succeed("a", "42");
    CHECK(request("a").result.json() == "42");
  }
  SECTION("its worker is gone: reverted with nothing") {
    lose("a");
    CHECK(reverting() == Names{"a", "b"});
    CHECK(request("a").result.is_null());
  }
  SECTION("it was never started: reverted, so that the target learns the number") {
    close("a");
    CHECK(reverting() == Names{"a", "b"});
    CHECK(record("a").dispatch == 2);
  }
}

TEST_CASE_METHOD(EngineStory, "a lost delivery that comes with Started is not sent, but placed") {
  given_flow("a, b");
  restore(0, {engine::DeliveryLost{0, 1, "crash"}});
  CHECK(sent() == Names{"b", "a"});
  CHECK(record("a").dispatch == 2);
  CHECK(record("a").delivery->deliveries == 2);
}

TEST_CASE_METHOD(EngineStory, "restoring asks no retry twice") {
  given_flow(R"({"name": "f", "pattern": "linear", "retry": {"policy": "times", "attempts": 3},
      "nodes": [{"task": "step", "name": "a"}]})");
  fail("a");
  restore();
  CHECK(last_facts().empty());
  succeed("a");
  CHECK(record("f_retry").history->size() == 2);
}

TEST_CASE_METHOD(EngineStory, "a finished flow stays finished until it is run again") {
  given_flow("a");
  succeed("a");
  CHECK(engine().finished());
  const auto made = engine::Engine::make(plan_of("a"), {}, FlowState::Success, {engine().atom(0)}, 7, 2);
  REQUIRE(made.ok());
  CHECK((*made)->finished());
}

namespace {

std::string refusal(const std::string& flow, FlowState state, std::vector<AtomRecord> atoms) {
  const auto made = engine::Engine::make(plan_of(flow), {}, state, std::move(atoms), 0);
  return made ? "accepted" : made.error().message;
}

const std::string kHint =
    "\n  hint: the rows of table atoms and the plan of table flows belong together; restore both";

}  // namespace

TEST_CASE("records that do not fit the plan are refused") {
  std::vector<AtomRecord> atoms(2);
  const std::string start = "flow 'f': its stored records do not fit its plan: ";
  CHECK(refusal("a", FlowState::Running, atoms) == start + "2 records for 1 atoms" + kHint);
  atoms[1].state = AtomState::Retrying;
  atoms[1].attempt = 1;
  CHECK(refusal("a > b", FlowState::Running, atoms) == start + "atom 'b' is RETRYING, but a task" + kHint);
  atoms[1].state = AtomState::Failure;
  CHECK(refusal("a > b", FlowState::Running, atoms) ==
        start + "atom 'b' is FAILURE, but has no failure" + kHint);
  atoms[1].failure = Failure::make("Boom", "");
  CHECK(refusal("a > b", FlowState::Running, atoms) == "accepted");
  atoms[1].attempt = 0;
  CHECK(refusal("a > b", FlowState::Running, atoms) ==
        start + "atom 'b' is FAILURE, but has no attempt" + kHint);
  atoms[1] = AtomRecord();
  atoms[1].delivery = Delivery();
  CHECK(refusal("a > b", FlowState::Running, atoms) ==
        start + "atom 'b' is PENDING, but has a delivery" + kHint);
  atoms[1].state = AtomState::Running;
  atoms[1].attempt = 1;
  CHECK(refusal(R"({"name": "f", "pattern": "linear", "nodes": [
      {"task": "step", "name": "a", "provides": "x"}, {"task": "step", "name": "b", "requires": ["x"]}]})",
                FlowState::Running, atoms) ==
        start +
            "a delivery of 'b' is open, but: 'b' requires 'x', but nothing before it provides it now: its "
            "provider was ignored, or its result lacks the item" +
            kHint);
  CHECK(refusal("a > b", FlowState::Trashed, std::vector<AtomRecord>(2)) ==
        start + "no flow that has run is TRASHED" + kHint);
}

TEST_CASE_METHOD(EngineStory,
                 "a failed revert that lets the rest go on ends its retry's hope, also after a cut") {
  given_flow(R"({"name": "f", "pattern": "linear", "retry": {"name": "r", "policy": "times", "attempts": 3},
      "nodes": [{"task": "step", "name": "a"}, {"task": "step", "name": "b", "on_revert_failure": "continue"}]})");
  succeed("a");
  fail("b");
  CHECK(record("r").intention == Intention::Retry);
  fail("b", "Stuck");
  cut(1);  // REVERT_FAILURE is on record, and not that everything is to be reverted
  CHECK(record("r").intention == Intention::Revert);
  CHECK(reverts_until_quiet() == Names{"a"});
  CHECK(states() == Names{"r REVERTED", "a REVERTED", "b REVERT_FAILURE"});
  CHECK(flow_state() == FlowState::Failure);
}

}  // namespace baton::tests
