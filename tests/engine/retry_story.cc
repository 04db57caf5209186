#include "tests/engine/engine_story.h"

namespace baton::tests {
namespace {

const char* const kTwice = R"({"name": "f", "pattern": "linear", "nodes": [
    {"task": "step", "name": "before"},
    {"flow": {"name": "g", "pattern": "linear",
              "retry": {"name": "again", "policy": "times", "attempts": 2, "provides": "n"},
              "nodes": [{"task": "step", "name": "a", "requires": ["n"]}, {"task": "step", "name": "b"}]}}]})";

}  // namespace

TEST_CASE_METHOD(EngineStory, "a retried flow is reverted, then runs again, what is before it is untouched") {
  given_flow(kTwice);
  succeed("before");
  CHECK(request("a").arguments.json() == R"({"n": 1})");
  succeed("a");
  fail("b");
  CHECK(notes() == Names{"again: answered RETRY to the failure of 'b'"});
  CHECK(reverts_until_quiet() == Names{"b", "a"});
  CHECK(running() == Names{"a"});
  CHECK(record("a").attempt == 2);
  CHECK(record("a").dispatch == 3);  // executed, reverted, executed
  CHECK(request("a").arguments.json() == R"({"n": 2})");
  succeed("a");
  succeed("b");
  CHECK(flow_state() == FlowState::Success);
  CHECK(to_value(*record("again").history).json().substr(0, 43) ==
        R"([{"value": 1, "failures": {"b": {"type": "B)");
}

TEST_CASE_METHOD(EngineStory, "a retry starts, is reset and provides in one commit") {
  given_flow(kTwice);
  succeed("before");
  succeed("a");
  fail("b");
  succeed("b");
  succeed("a");
  const std::vector<Fact> facts = last_facts();
  REQUIRE(facts.size() == 6);
  CHECK(std::get<AtomFact>(facts[0].body).after.state == AtomState::Reverted);
  CHECK(std::get<AtomFact>(facts[1].body).after.state == AtomState::Retrying);
  CHECK(std::get<RangeFact>(facts[2].body).reset);
  CHECK(std::get<AtomFact>(facts[3].body).after.state == AtomState::Running);
  CHECK(std::get<AtomFact>(facts[4].body).after.state == AtomState::Success);
  CHECK(std::get<AtomFact>(facts[5].body).after.state == AtomState::Running);
  const AtomRecord& retry = std::get<AtomFact>(facts[4].body).after;
  CHECK(retry.attempt == 2);
  CHECK(retry.dispatch == 0);
  CHECK_FALSE(retry.delivery.has_value());
}

TEST_CASE_METHOD(EngineStory, "an exhausted retry reverts its own flow only") {
  given_flow(kTwice);
  succeed("before");
  for (int attempt = 0; attempt < 2; ++attempt) {
    succeed("a");
    fail("b");
    reverts_until_quiet();
  }
  CHECK(states() == Names{"before SUCCESS", "again REVERTED", "a REVERTED", "b REVERTED"});
  CHECK(flow_state() == FlowState::Reverted);
  CHECK(last_flow_fact().kept == std::vector<AtomIndex>{0});
}

TEST_CASE_METHOD(EngineStory, "with revert_all an exhausted retry reverts the whole flow") {
  given_flow(R"({"name": "f", "pattern": "linear", "nodes": [
      {"task": "step", "name": "before"},
      {"flow": {"name": "g", "pattern": "linear",
                "retry": {"policy": "times", "attempts": 1, "revert_all": true},
                "nodes": [{"task": "step", "name": "a"}]}}]})");
  succeed("before");
  fail("a");
  CHECK(notes() == Names{"g_retry: answered REVERT_ALL to the failure of 'a'"});
  CHECK(reverts_until_quiet() == Names{"a", "before"});
}

TEST_CASE_METHOD(EngineStory, "an exhausted retry asks the one around it") {
  given_flow(R"({"name": "f", "pattern": "linear", "retry": {"name": "out", "policy": "times", "attempts": 2},
      "nodes": [{"flow": {"name": "g", "pattern": "linear", "retry": {"name": "in", "policy": "times", "attempts": 1},
                          "nodes": [{"task": "step", "name": "a"}]}}]})");
  fail("a", "Boom", "first");
  CHECK(notes() ==
        Names{"in: answered REVERT to the failure of 'a'", "out: answered RETRY to the failure of 'in'"});
  succeed("a");
  CHECK(running() == Names{"a"});
  CHECK(record("in").history->size() == 1);  // a reverted retry forgets
  CHECK(record("in").attempt == 2);          // its attempts go on
  CHECK(record("out").history->at(0).failures.at(0).first == "in");
  CHECK(record("out").history->at(0).failures.at(0).second.message == "first");
}

TEST_CASE_METHOD(EngineStory, "for_each tries each value once, equal ones each") {
  given_flow(R"({"name": "f", "pattern": "linear",
      "retry": {"policy": "for_each", "values": [1, {"zone": "b"}, 1.0], "provides": "v"},
      "nodes": [{"task": "step", "name": "a", "requires": ["v"]}]})");
  CHECK(request("a").arguments.json() == R"({"v": 1})");
  fail("a");
  succeed("a");
  CHECK(request("a").arguments.json() == R"({"v": {"zone": "b"}})");
  fail("a");
  succeed("a");
  CHECK(request("a").arguments.json() == R"({"v": 1.0})");
  fail("a");
  succeed("a");
  CHECK(flow_state() == FlowState::Reverted);
}

TEST_CASE_METHOD(EngineStory, "for_each without values fails, and everything is reverted") {
  given_flow(R"({"name": "f", "pattern": "linear", "nodes": [
      {"task": "step", "name": "before"},
      {"flow": {"name": "g", "pattern": "linear", "retry": {"policy": "for_each"},
                "nodes": [{"task": "step", "name": "a"}]}}]})");
  succeed("before");
  CHECK(record("g_retry").failure->message == "retry 'g_retry' has no value left to try: 0 given, 0 tried");
  CHECK(reverts_until_quiet() == Names{"before"});
  CHECK(states() == Names{"before REVERTED", "g_retry REVERTED", "a PENDING"});
}

TEST_CASE_METHOD(EngineStory, "parameterized_for_each reads its values anew each time") {
  given_flow(R"({"name": "f", "pattern": "linear", "nodes": [
      {"task": "step", "name": "zones", "provides": "zs"},
      {"flow": {"name": "g", "pattern": "linear",
                "retry": {"policy": "parameterized_for_each", "rebind": {"values": "zs"}, "provides": "z"},
                "nodes": [{"task": "step", "name": "a", "requires": ["z"]}]}}]})");
  succeed("zones", R"(["north", "south"])");
  CHECK(request("a").arguments.json() == R"({"z": "north"})");
  fail("a");
  succeed("a");
  CHECK(request("a").arguments.json() == R"({"z": "south"})");
}

TEST_CASE_METHOD(EngineStory,
                 "values may be a text's letters or an object's keys, as Python goes over them") {
  const char* const flow = R"({"name": "f", "pattern": "linear",
      "retry": {"policy": "parameterized_for_each", "provides": "v"},
      "nodes": [{"task": "step", "name": "a", "requires": ["v"]}]})";
  for (const auto& [values, first, second] :
       {std::tuple{R"("aé")", R"({"v": "a"})", R"({"v": "é"})"},
        std::tuple{R"({"k": 1, "\n": 2})", R"({"v": "k"})", R"({"v": "\n"})"}}) {
    given_flow(flow, {{"values", json(values)}});
    CHECK(request("a").arguments.json() == first);
    fail("a");
    succeed("a");
    CHECK(request("a").arguments.json() == second);
  }
}

TEST_CASE_METHOD(EngineStory, "values that are no list fail the retry and say what they are") {
  given_flow(R"({"name": "f", "pattern": "linear",
      "retry": {"policy": "parameterized_for_each", "rebind": {"values": "hosts"}},
      "nodes": [{"task": "step", "name": "a"}]})",
             {{"hosts", json("7")}});
  CHECK(record("f_retry").failure->type == "WrongType");
  CHECK(record("f_retry").failure->message ==
        "retry 'f_retry' takes its values from a list; the symbol 'hosts' is a number");
  CHECK(flow_state() == FlowState::Reverted);
}

TEST_CASE_METHOD(EngineStory, "a retry asked for other failures gives up") {
  given_flow(R"({"name": "f", "pattern": "linear",
      "retry": {"policy": "times", "attempts": 5, "retry_on": ["Full", "Busy"]},
      "nodes": [{"task": "step", "name": "a"}]})");
  fail("a", "Busy");
  CHECK(notes() == Names{"f_retry: answered RETRY to the failure of 'a'"});
  succeed("a");
  fail("a", "Forbidden");
  CHECK(notes() == Names{"f_retry: answered REVERT to the failure of 'a'"});
}

TEST_CASE_METHOD(EngineStory, "a retry with backoff pauses, longer each time, also across a restore") {
  given_flow(R"({"name": "f", "pattern": "linear",
      "retry": {"policy": "times", "attempts": 9, "backoff": {"initial_ms": 1000, "factor": 10, "cap_ms": 5000}},
      "nodes": [{"task": "step", "name": "a"}]})");
  fail("a");
  succeed("a");
  CHECK(running().empty());
  pass(Millis(999));
  CHECK(running().empty());
  pass(Millis(1));
  CHECK(running() == Names{"a"});
  fail("a");
  succeed("a");
  pass(Millis(3000));
  restore();
  pass(Millis(1999));
  CHECK(running().empty());
  pass(Millis(1));  // capped at 5 s, counted from the failure
  CHECK(running() == Names{"a"});
}

TEST_CASE_METHOD(EngineStory, "a pause ends when the flow is reverted for another reason") {
  given_flow(R"({"name": "f", "pattern": "unordered", "nodes": [
      {"task": "step", "name": "other"},
      {"flow": {"name": "g", "pattern": "linear",
                "retry": {"policy": "times", "attempts": 9, "backoff": {"initial_ms": 60000}},
                "nodes": [{"task": "step", "name": "a"}]}}]})");
  fail("a");
  succeed("a");
  fail("other");
  succeed("other");
  CHECK(flow_state() == FlowState::Reverted);
  CHECK(state("g_retry") == AtomState::Reverted);
}

TEST_CASE_METHOD(EngineStory, "many failures of one attempt ask many times but mark what is behind once") {
  std::string tasks;
  for (int i = 0; i < 200; ++i)
    tasks += std::string(i > 0 ? ", " : "") + R"({"task": "step", "name": "t)" + std::to_string(i) + R"("})";
  given_flow(
      R"({"name": "f", "pattern": "unordered", "retry": {"name": "r", "policy": "times", "attempts": 2},
      "nodes": [)" +
      tasks + "]}");
  std::vector<engine::Event> failures;
  for (int i = 0; i < 200; ++i) {
    auto failed = answer("t" + std::to_string(i));
    failed.outcome = Failure::make("Boom", "broken");
    failures.emplace_back(failed);
  }
  step(std::move(failures));
  std::size_t ranges = 0;
  for (const Fact& fact : last_facts()) ranges += std::holds_alternative<RangeFact>(fact.body);
  CHECK(ranges == 1);
  CHECK(record("r").history->back().failures.size() == kRetryFailuresMax);
  CHECK(reverts_until_quiet().size() == 200);
  CHECK(record("r").history->size() == 2);
}

}  // namespace baton::tests
