#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/memory/event_loop.h"
#include "common/memory/message_bus.h"
#include "tests/support/silent_directory.h"
#include "worker/task_runner.h"

/// A TaskRunner between a bus in memory and tasks that end when the test says so, in virtual time.
namespace baton::worker::testing {

inline constexpr Millis kSessionTimeout = test::kSilentSessionTimeout;
using test::SilentDirectory;
inline constexpr Millis kReportInterval{250};

/// Tasks by hand: `started` has the dispatch that each was given; end() gives its outcome.
struct HandTasks final : TaskExecutor {
  explicit HandTasks(ports::Executor& loop) : executor(loop) {}

  bool knows(std::string_view type) const override { return type == "server.create"; }
  void start(CallId call, const wire::Request& request, Done done) override {
    started.push_back(request.delivery);
    calls[request.delivery.atom] = {call, std::move(done)};
    running_by_atom[request.delivery.atom]++;
    most_at_once = std::max(most_at_once, running_by_atom[request.delivery.atom]);
  }
  void cancel(CallId call) override { cancelled.insert(call); }
  TaskProgress progress(CallId) const override { return {0.5, "half way"}; }

  bool was_cancelled(const std::string& atom) { return cancelled.count(calls.at(atom).first) > 0; }
  void end(const std::string& atom, TaskOutcome outcome) {
    auto [call, done] = std::move(calls.at(atom));
    calls.erase(atom);
    running_by_atom[atom]--;
    executor.post([then = std::move(done), outcome = std::move(outcome)] { then(outcome); });
  }

  ports::Executor& executor;
  std::vector<wire::DeliveryId> started;
  std::map<std::string, std::pair<CallId, Done>> calls;  // that run, by atom
  std::map<std::string, int> running_by_atom;
  int most_at_once = 0;
  std::set<CallId> cancelled;
};

inline Incarnation incarnation(std::uint8_t last) {
  Uuid uuid;
  uuid.bytes[15] = last;
  return Incarnation(uuid);
}

/// A conductor's inbox: what it was told, in order.
struct Conductor final : ports::MessageBus::Listener {
  Conductor(memory::MemoryBroker& broker, memory::EventLoop& loop, std::uint8_t id, std::int32_t inbox)
      : self(incarnation(id)), partition(inbox), bus(broker, loop, loop) {
    bus.open(*this);
    bus.open_inbox(ports::InboxKind::Replies, inbox, [](auto) {});
  }
  void on_message(std::string_view bytes) override {
    const auto message = wire::decode(bytes);
    REQUIRE(message.ok());
    if (message->to != self) return;
    if (const auto* told = std::get_if<wire::Answers>(&message->body)) {
      ++answer_messages;
      answers.insert(answers.end(), told->answers.begin(), told->answers.end());
    }
    if (const auto* told = std::get_if<wire::Report>(&message->body)) reports.push_back(*told);
  }
  void on_drained() override {}
  void on_room() override {}
  void on_undeliverable(std::uint64_t, const ports::BusError&) override {}
  void on_reachable(bool) override {}

  /// "a/2 SUCCESS 7", "a/2 FAILURE Full", "a/2 busy", …; and forgets them.
  std::vector<std::string> told() {
    std::vector<std::string> texts;
    for (const auto& answer : std::exchange(answers, {}))
      texts.push_back(answer.delivery.atom + "/" + std::to_string(answer.delivery.dispatch) + " " +
                      text(answer));
    return texts;
  }
  static std::string text(const wire::Answer& answer) {
    static constexpr const char* kWords[] = {"busy", "refused", "unsupported", "not started", "closed"};
    if (const auto* value = std::get_if<Value>(&answer.what)) return "SUCCESS " + std::string(value->json());
    if (const auto* failure = std::get_if<Failure>(&answer.what)) return "FAILURE " + failure->type;
    return kWords[static_cast<int>(std::get<wire::NotRun>(answer.what).kind)];
  }

  Incarnation self;
  std::int32_t partition;
  memory::MemoryMessageBus bus;
  std::vector<wire::Answer> answers;
  std::size_t answer_messages = 0;
  std::vector<wire::Report> reports;
};

struct RunnerStory : ports::MessageBus::Listener {
  explicit RunnerStory(RunnerLimits limits = {.slots = 2, .prefetch = 2}) : limits_(limits) {
    bus.open(*this);
    runner = make();
    loop.run_until_idle();
  }
  void on_message(std::string_view) override {}
  void on_drained() override {}
  void on_room() override { runner->on_room(); }
  void on_undeliverable(std::uint64_t tag, const ports::BusError& error) override {
    runner->on_undeliverable(tag, error);
  }
  void on_reachable(bool) override {}

  std::unique_ptr<TaskRunner> make() {
    return std::make_unique<TaskRunner>(TaskRunner::Ports{bus, loop, loop, directory, tasks}, limits_,
                                        incarnation(9));
  }

  static wire::Request request(const std::string& atom, Dispatch dispatch, Attempt attempt = 1,
                               Intention intention = Intention::Execute,
                               const std::string& arguments = R"({"host": "a"})") {
    wire::Request request;
    request.delivery = {FlowId(incarnation(7).value), atom, intention, attempt, dispatch};
    request.task_type = "server.create";
    request.arguments = Value::from_stored(arguments);
    return request;
  }
  void ask(const wire::Request& request) { ask(one, request); }
  void ask(Conductor& conductor, const wire::Request& request) { tell(conductor, wire::Requests{{request}}); }
  void tell(Conductor& conductor, wire::Body body) {
    runner->receive({incarnation(9), conductor.self, conductor.partition, std::move(body)});
    loop.run_until_idle();
  }
  void end(const std::string& atom, const std::string& json) {
    end(atom, TaskOutcome(Value::from_stored(json)));
  }
  void end(const std::string& atom, TaskOutcome outcome) {
    tasks.end(atom, std::move(outcome));
    loop.run_until_idle();
  }
  void end_cancelled(const std::string& atom) {
    end(atom, TaskOutcome(Failure{"Cancelled", "asked to", {}}));
  }
  std::vector<Dispatch> started() const {
    std::vector<Dispatch> dispatches;
    for (const auto& delivery : tasks.started) dispatches.push_back(delivery.dispatch);
    return dispatches;
  }

  using Texts = std::vector<std::string>;
  using Dispatches = std::vector<Dispatch>;

  RunnerLimits limits_;
  memory::EventLoop loop;
  memory::MemoryBroker broker{4};
  memory::MemoryMessageBus bus{broker, loop, loop};
  Conductor one{broker, loop, 1, 0}, two{broker, loop, 2, 1};
  SilentDirectory directory;
  HandTasks tasks{loop};
  std::unique_ptr<TaskRunner> runner;
};

}  // namespace baton::worker::testing
