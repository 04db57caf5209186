#include "tests/contract/store/store_story.h"

using namespace baton;
using namespace baton::test;
using ports::HookCallState;
using ports::HookEnding;
using ports::HookEvent;
using ports::StoreErrorCode;

namespace {

constexpr Millis kLong{3'600'000};
const Value kAbout = Value::from_stored(R"({"name": "cluster", "state": "FAILURE"})");

ports::NewHookCall call_of(const std::string& hook, HookEvent event = HookEvent::Failed) {
  return {hook, event, kAbout};
}

template <class Stores>
struct HookStory : StoreStory<Stores> {
  HookStory() : hooks(*this->store->hooks()) {}

  template <class T, class Ask>
  T must(Ask ask) {
    Answer<T> answer;
    ask(answer.done());
    auto outcome = this->wait(answer);
    INFO((outcome.ok() ? "" : outcome.error().message));
    REQUIRE(outcome.ok());
    if constexpr (!std::is_void_v<T>) return std::move(outcome).value();
  }
  /// job-1, claimed and RUNNING.
  ports::ClaimOutcome running(const std::string& job = "job-1", std::int64_t zxid = 100) {
    const auto claim = this->owned(this->request(posting(job), zxid, "c1"));
    this->must_append(this->first_step(claim, {flow_fact(1, FlowState::Pending, FlowState::Running)}));
    return claim;
  }
  ports::StepWrite failing(const ports::ClaimOutcome& claim, std::vector<ports::NewHookCall> calls) const {
    auto step = this->step(claim, {flow_fact(2, FlowState::Running, FlowState::Failure)});
    step.hook_calls = std::move(calls);
    return step;
  }
  std::vector<ports::HookCall> take(const std::string& hook, Millis lease = kLong,
                                    const std::string& by = "c1", std::uint32_t calls_max = 10) {
    const ports::HookTake take{{{hook, calls_max, lease}}, Incarnation(test_uuid(by.back(), 'c')), by};
    return must<std::vector<ports::HookCall>>(
        [&](auto done) { hooks.take_hook_calls(take, std::move(done)); });
  }
  void end(const ports::HookCall& call, HookEnding::How how, const std::string& error = {},
           Millis again_after = Millis{0}) {
    must<void>([&](auto done) { hooks.end_hook_call({call, how, again_after, error}, std::move(done)); });
  }
  bool retry(const ports::HookCall& call, const std::string& why = {}) {
    return must<bool>([&](auto done) { hooks.retry_hook_call({call, "ann@ops", why}, std::move(done)); });
  }
  ports::HookCallPage calls(const ports::HookCallFilter& filter = {}) {
    return must<ports::HookCallPage>([&](auto done) { hooks.hook_calls(filter, std::move(done)); });
  }
  std::vector<ports::StalledJob> stalled(Millis at_least = Millis{0}) {
    return must<ports::StalledPage>([&](auto done) { hooks.stalled_jobs(at_least, 0, 100, std::move(done)); })
        .jobs;
  }
  void record(const ports::NewStall& stall) {
    must<void>([&](auto done) { hooks.record_stalls({stall}, std::move(done)); });
  }
  /// "page failed done", … of the job's history.
  Lines told(const std::string& job) {
    Lines lines;
    for (const auto& row : this->history_page(job, 0, 1000).rows)
      if (const auto data = row.data.tree(); data.is_object() && data.get_object().contains("hook"))
        lines.push_back(std::to_string(row.run) + " " + std::string(row.data.json()));
    return lines;
  }

  ports::HookStore& hooks;
};

}  // namespace

#define HOOK_TEST(name) \
  TEMPLATE_TEST_CASE(name, "[contract][store][hooks]", MemoryStores, PostgresStores, SqliteStores)

HOOK_TEST("a call of a hook is there with the state that it tells of") {
  HookStory<TestType> story;
  const auto claim = story.running();
  CHECK(story.calls().calls.empty());
  story.must_append(story.failing(claim, {call_of("page"), call_of("chat")}));
  const auto calls = story.calls().calls;
  REQUIRE(calls.size() == 2);
  CHECK(calls[0].id > calls[1].id);
  CHECK(calls[1].hook == "page");
  CHECK(calls[1].job == JobId("job-1"));
  CHECK(calls[1].run == 1);
  CHECK(calls[1].flow == claim.flow);
  CHECK(calls[1].event == HookEvent::Failed);
  CHECK(calls[1].about == kAbout);
  CHECK(calls[1].state == HookCallState::Pending);
  CHECK(calls[1].attempts == 0);
  CHECK_FALSE(calls[1].holder);
  CHECK(calls[1].recorded_at > TimePoint{});
}

HOOK_TEST("a step that is refused leaves no call") {
  HookStory<TestType> story;
  const auto claim = story.running();
  auto fenced = story.failing(claim, {call_of("page")});
  fenced.epoch.lock_czxid = 99;
  CHECK(story.refused(fenced) == StoreErrorCode::ClaimLost);
  auto stale = story.step(claim, {flow_fact(1, FlowState::Pending, FlowState::Failure)});
  stale.hook_calls = {call_of("page")};
  CHECK(story.refused(stale) == StoreErrorCode::Conflict);
  CHECK(story.calls().calls.empty());
}

HOOK_TEST("a call of a hook is there with the refusal that it tells of, once") {
  HookStory<TestType> story;
  const auto refuse = [&](const ports::ClaimRequest& request, FlowState state) {
    Answer<void> answer;
    story.store->record_refused(
        request, {state, Failure::make("BadParameters", "no"), {call_of("page", HookEvent::Rejected)}},
        answer.done());
    return story.wait(answer);
  };
  const auto request = story.request(posting("job-1"), 100, "c1");
  CHECK(refuse(request, FlowState::Rejected).ok());
  CHECK(refuse(request, FlowState::Rejected).ok());  // asked again: its answer was lost
  const auto calls = story.calls().calls;
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].job == JobId("job-1"));
  CHECK(calls[0].flow == story.show("job-1").summary.flow);
  CHECK(calls[0].event == HookEvent::Rejected);
  CHECK(calls[0].about == kAbout);
  story.end(story.take("page").at(0), HookEnding::How::Done);
  CHECK(story.told("job-1").size() == 1);

  // By one that was overtaken; and of other content, which is no job.
  story.owned(story.request(posting("job-2"), 104, "c2"));
  CHECK_FALSE(refuse(story.request(posting("job-2"), 103, "c1"), FlowState::Rejected).ok());
  CHECK(refuse(story.request(posting("job-2", 1, "another-flow"), 105, "c1", "/a/jobs/job9"),
               FlowState::Trashed)
            .ok());
  CHECK(story.calls().calls.size() == 1);
}

HOOK_TEST("several refusals at once leave each its own calls") {
  HookStory<TestType> story;
  std::vector<Answer<void>> answers(3);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    ports::Refusal refusal{FlowState::Rejected, Failure::make("BadParameters", "no")};
    for (std::size_t hook = 0; hook < i; ++hook)  // none, one, two
      refusal.hook_calls.push_back(call_of("hook-" + std::to_string(hook), HookEvent::Rejected));
    story.store->record_refused(story.request(posting("job-" + std::to_string(i)), 100, "c1"), refusal,
                                answers[i].done());
  }
  for (auto& answer : answers) CHECK(story.wait(answer).ok());
  std::set<std::string> calls;
  for (const auto& call : story.calls().calls) {
    CHECK(call.flow == story.show(call.job.value).summary.flow);
    calls.insert(call.job.value + " " + call.hook);
  }
  CHECK(calls == std::set<std::string>{"job-1 hook-0", "job-2 hook-0", "job-2 hook-1"});
}

HOOK_TEST("a call that is taken is its holder's until the lease is over") {
  HookStory<TestType> story;
  story.must_append(story.failing(story.running(), {call_of("page"), call_of("chat")}));
  const auto ours = story.take("page");
  REQUIRE(ours.size() == 1);
  CHECK(ours[0].holder_name == "c1");
  CHECK(story.take("page", kLong, "c2").empty());
  CHECK(story.take("mail").empty());
  CHECK(story.take("chat", Millis{0}).size() == 1);
  CHECK(story.take("chat", kLong, "c2").size() == 1);
}

HOOK_TEST("no more is taken than asked for, the oldest first") {
  HookStory<TestType> story;
  for (int job = 1; job <= 3; ++job)
    story.must_append(
        story.failing(story.running("job-" + std::to_string(job), 100 + job), {call_of("page")}));
  const auto first = story.take("page", kLong, "c1", 2);
  REQUIRE(first.size() == 2);
  CHECK(std::set{first[0].job, first[1].job} == std::set{JobId("job-1"), JobId("job-2")});
  CHECK(story.take("page", kLong, "c2", 2).size() == 1);
}

HOOK_TEST("a call that failed is taken again after its pause, and its end is told") {
  HookStory<TestType> story;
  story.must_append(story.failing(story.running(), {call_of("page")}));
  story.end(story.take("page").at(0), HookEnding::How::Again, "exit code \"1\"");
  const auto again = story.take("page", kLong, "c2");
  REQUIRE(again.size() == 1);
  CHECK(again[0].attempts == 1);
  CHECK(again[0].last_error == "exit code \"1\"");
  story.end(again[0], HookEnding::How::Again, "exit code 2", kLong);
  CHECK(story.take("page").empty());
  CHECK(story.calls().calls.at(0).next_at > story.calls().calls.at(0).recorded_at);
  const auto told = story.told("job-1");
  REQUIRE(told.size() == 2);
  const std::string id = std::to_string(again[0].id);
  CHECK(told[0] == R"(1 {"hook": "page", "event": "failed", "call": )" + id +
                       R"(, "attempt": 1, "outcome": "failed", "error": "exit code \"1\""})");
}

HOOK_TEST("a call that is done or given up is never taken again") {
  HookStory<TestType> story;
  story.must_append(story.failing(story.running(), {call_of("page"), call_of("chat")}));
  story.end(story.take("page").at(0), HookEnding::How::Done);
  story.end(story.take("chat").at(0), HookEnding::How::GivenUp, "the host is away");
  CHECK(story.take("page").empty());
  CHECK(story.take("chat").empty());
  const auto given_up = story.calls({.state = HookCallState::GivenUp}).calls;
  REQUIRE(given_up.size() == 1);
  CHECK(given_up[0].hook == "chat");
  CHECK(given_up[0].last_error == "the host is away");
  CHECK(given_up[0].ended_at);
  CHECK(story.calls({.state = HookCallState::Done}).calls.at(0).attempts == 1);
  const auto counts =
      story.template must<std::vector<ports::HookCount>>([&](auto done) { story.hooks.hook_counts(done); });
  REQUIRE(counts.size() == 1);
  CHECK(counts[0].hook == "chat");
  CHECK(counts[0].given_up == 1);
  CHECK(counts[0].pending == 0);
}

HOOK_TEST("a call that was given up is due again when a person says so, and that is told") {
  HookStory<TestType> story;
  story.must_append(story.failing(story.running(), {call_of("page")}));
  story.end(story.take("page").at(0), HookEnding::How::GivenUp, "the host is away");
  const auto given_up = story.calls().calls.at(0);
  CHECK(story.retry(given_up, "it is \"back\""));
  CHECK_FALSE(story.retry(given_up, "asked again: its answer was lost"));
  const auto waits = story.calls().calls.at(0);
  CHECK(waits.state == HookCallState::Pending);
  CHECK(waits.attempts == 1);
  CHECK(waits.attempts_before == 1);
  CHECK_FALSE(waits.ended_at);
  CHECK(waits.last_error == "the host is away");
  const auto told = story.told("job-1");
  REQUIRE(told.size() == 2);
  CHECK(told[1] == R"(1 {"hook": "page", "event": "failed", "call": )" + std::to_string(waits.id) +
                       R"(, "outcome": "retry", "who": "ann@ops", "reason": "it is \"back\""})");
  const auto taken = story.take("page");
  REQUIRE(taken.size() == 1);
  CHECK(taken[0].attempts_before == 1);
  story.end(taken[0], HookEnding::How::GivenUp, "it is away again");
  CHECK_FALSE(story.retry(given_up));  // of what was seen before that try
  CHECK(story.calls().calls.at(0).state == HookCallState::GivenUp);
  CHECK(story.told("job-1").size() == 3);
}

HOOK_TEST("only a call that was given up is ordered again, also of a job without history") {
  HookStory<TestType> story;
  story.record({JobId("job-7"), 1, std::nullopt, 0, call_of("page", HookEvent::Stalled)});
  CHECK_FALSE(story.retry(story.calls().calls.at(0)));
  const auto taken = story.take("page");
  REQUIRE(taken.size() == 1);
  CHECK_FALSE(story.retry(taken[0]));
  CHECK(story.calls().calls.at(0).holder == taken[0].holder);
  story.end(taken[0], HookEnding::How::GivenUp, "no");
  CHECK(story.retry(story.calls().calls.at(0)));
  const auto again = story.take("page");
  REQUIRE(again.size() == 1);
  story.end(again[0], HookEnding::How::Done);
  CHECK_FALSE(story.retry(story.calls().calls.at(0)));
  CHECK(story.calls().calls.at(0).state == HookCallState::Done);
  CHECK(story.take("page").empty());
}

HOOK_TEST("who no longer holds a call ends it for nobody") {
  HookStory<TestType> story;
  story.must_append(story.failing(story.running(), {call_of("page")}));
  const auto late = story.take("page", Millis{0});
  const auto now = story.take("page", kLong, "c2");
  REQUIRE(now.size() == 1);
  story.end(late.at(0), HookEnding::How::GivenUp, "too late");
  CHECK(story.calls().calls.at(0).state == HookCallState::Pending);
  CHECK(story.told("job-1").empty());
  story.end(now[0], HookEnding::How::Done);
  story.end(now[0], HookEnding::How::Done);  // asked again: its answer was lost
  CHECK(story.calls().calls.at(0).attempts == 1);
  CHECK(story.told("job-1").size() == 1);
}

HOOK_TEST("an attempt that was counted is not counted again, though its holder has the call anew") {
  HookStory<TestType> story;
  story.must_append(story.failing(story.running(), {call_of("page")}));
  const auto first = story.take("page").at(0);
  story.end(first, HookEnding::How::Again, "exit code 1");
  const auto second = story.take("page");
  REQUIRE(second.size() == 1);
  REQUIRE(second[0].holder == first.holder);
  story.end(first, HookEnding::How::Again, "exit code 1");  // asked again: its answer was lost
  story.end(first, HookEnding::How::GivenUp, "too late");
  const auto held = story.calls().calls.at(0);
  CHECK(held.state == HookCallState::Pending);
  CHECK(held.attempts == 1);
  CHECK(held.holder == second[0].holder);
  CHECK(story.told("job-1").size() == 1);
  CHECK(story.take("page", kLong, "c2").empty());
  story.end(second[0], HookEnding::How::Done);
  CHECK(story.calls().calls.at(0).attempts == 2);
  CHECK(story.told("job-1").size() == 2);
}

HOOK_TEST("calls are listed by job, newest first, in pages") {
  HookStory<TestType> story;
  for (int job = 1; job <= 3; ++job)
    story.must_append(
        story.failing(story.running("job-" + std::to_string(job), 100 + job), {call_of("page")}));
  const auto first = story.calls({.limit = 2});
  REQUIRE(first.calls.size() == 2);
  CHECK(first.more);
  CHECK(first.calls[0].job == JobId("job-3"));
  const auto rest = story.calls({.before = first.calls[1].id, .limit = 2});
  REQUIRE(rest.calls.size() == 1);
  CHECK_FALSE(rest.more);
  CHECK(story.calls({.job = JobId("job-2")}).calls.at(0).job == JobId("job-2"));
}

HOOK_TEST("a run of which nothing is recorded has stalled, one that has ended or is suspended has not") {
  HookStory<TestType> story;
  const auto claim = story.running();
  story.must_append(story.failing(story.running("job-2", 101), {}));
  auto suspended = story.running("job-3", 102);
  story.must_append(story.step(suspended, {flow_fact(2, FlowState::Running, FlowState::Suspended)}));
  const auto stalled = story.stalled();
  REQUIRE(stalled.size() == 1);
  CHECK(stalled[0].job == JobId("job-1"));
  CHECK(stalled[0].flow == claim.flow);
  CHECK(stalled[0].name == "cluster");
  CHECK(stalled[0].flow_name == "create-cluster");
  CHECK(stalled[0].run == 1);
  CHECK(stalled[0].state == FlowState::Running);
  CHECK(stalled[0].last_seq == 1);
  CHECK(stalled[0].since > TimePoint{});
  CHECK(story.stalled(kLong).empty());
  // A claim is no progress, a fact is.
  story.owned(story.request(posting("job-1"), 200, "c2"));
  CHECK(story.stalled().at(0).last_seq == 1);
}

HOOK_TEST("a stall is told once, the next one again") {
  HookStory<TestType> story;
  const auto claim = story.running();
  ports::NewStall stall{JobId("job-1"), 1, claim.flow, 1, call_of("page", HookEvent::Stalled)};
  story.record(stall);
  story.record(stall);
  CHECK(story.calls().calls.size() == 1);
  stall.occasion = 5;
  story.record(stall);
  CHECK(story.calls().calls.size() == 2);
  CHECK(story.calls().calls[0].occasion == 5);
  // It is called for as any other.
  CHECK(story.take("page").size() == 2);
}

HOOK_TEST("a run that has ended or is suspended since it was seen to stall is told of to nobody") {
  HookStory<TestType> story;
  const auto ended = story.running();
  story.must_append(story.failing(ended, {}));
  const auto suspended = story.running("job-2", 101);
  story.must_append(story.step(suspended, {flow_fact(2, FlowState::Running, FlowState::Suspended)}));
  const auto running = story.running("job-3", 102);
  const auto stall = [](const std::string& job, std::uint32_t run, FlowId flow) {
    return ports::NewStall{JobId(job), run, flow, 1, call_of("page", HookEvent::Stalled)};
  };
  story.record(stall("job-1", 1, ended.flow));
  story.record(stall("job-2", 1, suspended.flow));
  story.record(stall("job-3", 2, running.flow));
  story.record(stall("job-3", 1, ended.flow));
  story.record(stall("job-9", 1, running.flow));
  CHECK(story.calls().calls.empty());
  story.record(stall("job-3", 1, running.flow));
  CHECK(story.calls().calls.size() == 1);
  // The job runs again: its first run is none that stalls.
  story.must_append(story.step(running, {flow_fact(2, FlowState::Running, FlowState::Failure)}));
  story.owned(story.request(posting("job-3", 2), 103, "c1"));
  auto later = stall("job-3", 1, running.flow);
  later.occasion = 2;
  story.record(later);
  CHECK(story.calls().calls.size() == 1);
}

HOOK_TEST("a job that nobody has claimed has stalled only while that is so") {
  HookStory<TestType> story;
  story.running();
  story.record({JobId("job-1"), 1, std::nullopt, 0, call_of("page", HookEvent::Stalled)});
  CHECK(story.calls().calls.empty());
  story.record({JobId("job-9"), 1, std::nullopt, 0, call_of("page", HookEvent::Stalled)});
  const auto calls = story.take("page");
  REQUIRE(calls.size() == 1);
  CHECK_FALSE(calls[0].flow);
  story.end(calls[0], HookEnding::How::Done);
  CHECK(story.calls().calls.at(0).state == HookCallState::Done);
}
