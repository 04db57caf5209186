#include "conductor/api/history_words.h"

#include <catch2/catch.hpp>

using namespace baton;
using namespace baton::api;

namespace {

ports::HistoryRow of_atom(const char* state, const char* intention = "EXECUTE", const char* data = "null") {
  ports::HistoryRow row;
  row.atom = "create-a";
  row.state = state;
  row.intention = intention;
  row.attempt = 1;
  row.data = Value::parse(data).value();
  return row;
}

ports::HistoryRow of_range(const char* intention, std::uint32_t atoms, bool reset) {
  ports::HistoryRow row;
  row.intention = intention;
  row.range = ports::HistoryRange{"create-a", "wait-a", atoms, reset};
  return row;
}

}  // namespace

TEST_CASE("history in words: an atom's way, with worker, later attempts and reasons", "[api]") {
  auto running = of_atom("RUNNING");
  running.worker = "worker-1";
  CHECK(words_of(running) == "RUNNING at worker-1");
  running.attempt = 2;
  running.data = Value::parse(R"({"note": "redelivered: worker lost"})").value();
  CHECK(words_of(running) == "RUNNING at worker-1, attempt 2 (redelivered: worker lost)");
  CHECK(words_of(of_atom("SUCCESS", "EXECUTE", R"({"result": {"failure": 1}})")) == "SUCCESS");
  CHECK(
      words_of(of_atom("FAILURE", "EXECUTE", R"({"failure": {"type": "Quota", "message": "no\nroom\n"}})")) ==
      "FAILURE: Quota: no room");
  CHECK(words_of(of_atom("", "REVERT")) == "to be reverted");
  auto planned = of_atom("", "RETRY");
  planned.attempt = 2;
  CHECK(words_of(planned) == "to be tried again");
}

TEST_CASE("history in words: ranges, claims and the flow", "[api]") {
  CHECK(words_of(of_range("EXECUTE", 2, true)) == "PENDING again: 2 atoms reset, to be executed");
  CHECK(words_of(of_range("REVERT", 3, false)) == "to be reverted (3 atoms)");
  CHECK(words_of(of_range("IGNORE", 2, false)) == "left out: a decider said no (2 atoms)");
  ports::HistoryRow claim;
  claim.claim = ports::HistoryClaim{"conductor-1", {1, 57}};
  CHECK(words_of(claim) == "claimed by conductor-1 at epoch 1.57");
  ports::HistoryRow order;
  order.order = ports::HistoryOrder{7, {OrderKind::Cancel, "ann@ops", "by\nmistake", true}, ""};
  CHECK(words_of(order) == "cancel, keeping what was done, asked for by ann@ops: by mistake");
  order.order = ports::HistoryOrder{8, {OrderKind::Resume, "bob@ops", "", false}, "the flow is RUNNING"};
  CHECK(words_of(order) == "resume asked for by bob@ops; without effect: the flow is RUNNING");
  ports::HistoryRow flow;
  flow.state = "REVERTED";
  flow.data = Value::parse(
                  R"({"failure": {"type": "Quota", "message": "no room"}, "note": "1 task kept its effect"})")
                  .value();
  CHECK(words_of(flow) == "REVERTED: Quota: no room (1 task kept its effect)");
}

TEST_CASE("history in words is bounded, whatever a task says", "[api]") {
  const auto failure = Failure::make("Quota", std::string(60'000, 'x'));
  auto row = of_atom("FAILURE");
  row.data = Value::from_stored("{\"failure\": " + std::string(failure.to_value().json()) + "}");
  CHECK(words_of(row).size() < 600);
}

TEST_CASE("history in words: calls of hooks", "[api]") {
  const auto row = [](const char* data) {
    ports::HistoryRow told;
    told.data = Value::parse(data).value();
    return words_of(told);
  };
  CHECK(row(R"({"hook": "page", "event": "failed", "call": 3, "attempt": 1, "outcome": "done"})") ==
        "hook page called: failed; taken");
  CHECK(
      row(R"({"hook": "page", "event": "stalled", "call": 3, "attempt": 2, "outcome": "failed", "error": "a\nb"})") ==
      "hook page called: stalled, attempt 2; failed: a b");
  CHECK(
      row(R"({"hook": "page", "event": "failed", "call": 3, "attempt": 9, "outcome": "given_up", "error": "x"})") ==
      "hook page called: failed, attempt 9; failed, and given up: x");
  CHECK(
      row(R"({"hook": "page", "event": "failed", "call": 3, "outcome": "retry", "who": "ann@ops", "reason": "it is back"})") ==
      "retry of hook page (failed) asked for by ann@ops: it is back");
  CHECK(row(R"({"hook": "page", "event": "failed", "call": 3, "outcome": "retry", "who": "ann@ops"})") ==
        "retry of hook page (failed) asked for by ann@ops");
}
