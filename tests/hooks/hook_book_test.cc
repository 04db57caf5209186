#include <catch2/catch.hpp>

#include "conductor/hook_book.h"

using namespace baton;
using namespace baton::conductor;
using ports::HookEvent;

namespace {

Hook hook(const std::string& name, std::set<HookEvent> on) {
  Hook made;
  made.name = name;
  made.on = std::move(on);
  made.how = HookCommand{{"/bin/true"}};
  return made;
}

const HookSubject kJob{JobId("job-1"), "nightly \"backup\"", "backup-db", Priority::High};

std::vector<std::string> names(const std::vector<ports::NewHookCall>& calls) {
  std::vector<std::string> all;
  for (const auto& call : calls) all.push_back(call.hook + " " + std::string(to_string(call.event)));
  return all;
}
using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("each end of a run is one event", "[hooks]") {
  CHECK(event_of(FlowState::Success, false) == HookEvent::Succeeded);
  CHECK(event_of(FlowState::Failure, false) == HookEvent::Failed);
  CHECK(event_of(FlowState::Failure, true) == HookEvent::NotReverted);
  CHECK(event_of(FlowState::Reverted, false) == HookEvent::Reverted);
  CHECK(event_of(FlowState::Cancelled, false) == HookEvent::Cancelled);
  CHECK(event_of(FlowState::Rejected, false) == HookEvent::Rejected);
  for (const auto state : {FlowState::Pending, FlowState::Running, FlowState::Suspended, FlowState::Trashed})
    CHECK_FALSE(event_of(state, false));
}

TEST_CASE("a hook is called for its events, once each", "[hooks]") {
  const HookBook book({hook("page", {HookEvent::Failed, HookEvent::NotReverted}),
                       hook("chat", {HookEvent::Failed, HookEvent::Reverted}),
                       hook("log", {HookEvent::Succeeded})});
  CHECK(book.shown() == "chat (failed, reverted), log (succeeded), page (failed, not_reverted)");
  CHECK(names(book.at_end(kJob, {FlowState::Failure})) == Names{"page failed", "chat failed"});
  CHECK(names(book.at_end(kJob, {FlowState::Failure, true})) == Names{"page not_reverted"});
  CHECK(names(book.at_end(kJob, {FlowState::Reverted})) == Names{"chat reverted"});
  CHECK(names(book.at_end(kJob, {FlowState::Success})) == Names{"log succeeded"});
  CHECK(book.at_end(kJob, {FlowState::Cancelled}).empty());
  CHECK(book.at_end(kJob, {FlowState::Suspended}).empty());
}

TEST_CASE("a hook is called for the flows and priorities that it names", "[hooks]") {
  auto by_flow = hook("by-flow", {HookEvent::Failed});
  by_flow.flows = {"create-cluster", "backup-*"};
  auto by_priority = hook("by-priority", {HookEvent::Failed});
  by_priority.priorities = {Priority::High, Priority::VeryHigh};
  const HookBook book({by_flow, by_priority});
  const auto called = [&](const std::string& flow, Priority priority) {
    return names(book.at_end({JobId("j"), "", flow, priority}, {FlowState::Failure}));
  };
  CHECK(called("backup-db", Priority::High) == Names{"by-flow failed", "by-priority failed"});
  CHECK(called("backup", Priority::Normal).empty());
  CHECK(called("create-cluster", Priority::Low) == Names{"by-flow failed"});
  CHECK(called("create-cluster-2", Priority::VeryHigh) == Names{"by-priority failed"});
  CHECK(called("", Priority::Normal).empty());
}

TEST_CASE("what a call tells of is JSON, whatever the job is called", "[hooks]") {
  const HookBook book({hook("page", {HookEvent::Failed})});
  const auto failure = Failure::make("QuotaExceeded", "no more \"servers\"\n");
  const auto calls = book.at_end(kJob, {FlowState::Failure, false, &failure});
  REQUIRE(calls.size() == 1);
  CHECK(Value::parse(calls[0].about.json()).ok());
  CHECK(calls[0].about.json() ==
        R"({"name": "nightly \"backup\"", "flow": "backup-db", "priority": "HIGH", "state": "FAILURE", )"
        R"("failure": {"type": "QuotaExceeded", "message": "no more \"servers\"\n"}})");
}

TEST_CASE("a large failure is told by its type and the beginning of its message", "[hooks]") {
  const HookBook book({hook("page", {HookEvent::Failed})});
  const auto failure = Failure::make("Long", std::string(60'000, '\x01'));
  const auto calls = book.at_end(kJob, {FlowState::Failure, false, &failure});
  const auto about = Value::parse(calls.at(0).about.json());
  REQUIRE(about.ok());
  CHECK(about->json().size() < 2 * kHookFailureBytesMax);
  CHECK(about->tree().at("failure").at("type") == "Long");
}

TEST_CASE("a stall is told to those for whom it has lasted long enough", "[hooks]") {
  auto soon = hook("soon", {HookEvent::Stalled});
  soon.stalled_after = Millis{60'000};
  auto late = hook("late", {HookEvent::Stalled, HookEvent::Failed});
  late.stalled_after = Millis{3'600'000};
  const HookBook book({late, soon, hook("page", {HookEvent::Failed})});
  CHECK(book.stalled_after() == Millis{60'000});
  const auto told = [&](Millis age) {
    return names(book.at_stall(kJob, FlowState::Running, TimePoint{}, age));
  };
  CHECK(told(Millis{59'999}).empty());
  CHECK(told(Millis{60'000}) == Names{"soon stalled"});
  CHECK(told(Millis{3'600'000}) == Names{"late stalled", "soon stalled"});
  CHECK_FALSE(HookBook({hook("page", {HookEvent::Failed})}).stalled_after());
  CHECK(book.at_stall(kJob, FlowState::Running, TimePoint{}, Millis{60'000})[0].about.tree().at("state") ==
        "RUNNING");
}
