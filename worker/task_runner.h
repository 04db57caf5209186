#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "common/ports/clock.h"
#include "common/ports/directory.h"
#include "common/ports/executor.h"
#include "common/ports/message_bus.h"
#include "common/runtime/log.h"
#include "common/runtime/rate_limit.h"
#include "common/wire/messages.h"
#include "worker/delivery_memory.h"
#include "worker/reply_outbox.h"
#include "worker/task_executor.h"

namespace baton::worker {

struct RunnerLimits {
  std::uint32_t slots = 8;      // tasks that run at once
  std::uint32_t prefetch = 16;  // requests that may wait for a slot; over it: busy
  Millis behind_max{
      1'000};  // a request waits so long for the end of its atom's earlier execution; then: busy. The next
  Millis behind_max_last{8'000};     // one behind the same execution waits twice as long, up to this
  Millis report_interval{250};       // between two reports of what is held
  std::size_t answers_max = 10'000;  // kept until recorded; at the bound: busy
  std::size_t answer_bytes_max = 64 * kMiB;
};

/// TaskRunner is the worker's side of the protocol (PROTOCOL.md I13 to I16): it decides for each request
/// whether to start, adopt, answer from memory or refuse it, and tells conductors what it holds.
/// Life: made by Worker; receive() until drain() is done.
/// Place: between the bus, which brings requests and takes answers, and the executor, which runs task code.
/// Why it is without I/O and threads: the simulator runs this very class in virtual time.
/// Threads: owner's only. The ports must outlive it; callbacks that are under way when it is destroyed are
/// dropped.
/// Not here: adverts, leases and inboxes (worker.h), task code (thread_executor.h).
class TaskRunner {
 public:
  struct Ports {
    ports::MessageBus& bus;
    ports::Clock& clock;
    ports::Executor& executor;
    ports::Directory& directory;  // asked only how long the session has been silent (I14)
    TaskExecutor& tasks;
  };
  struct Figures {
    std::uint64_t started = 0, adopted = 0, repeated = 0, busy = 0, refused = 0;
    std::uint64_t forgotten_answers = 0, forgotten_atoms = 0;  // for want of room (delivery_memory.h)
    std::size_t running = 0, queued = 0, unrecorded = 0;
  };

  TaskRunner(Ports, const RunnerLimits&, Incarnation self);

  /// The partition at which conductors reach this worker.
  void set_inbox(std::int32_t partition) { outbox_.set_inbox(partition); }

  void receive(const wire::Message&);
  /// A message of another version: its sender is told, with no delivery named.
  void receive_unreadable(const wire::Unreadable&);
  void on_room() { outbox_.on_room(); }
  void on_undeliverable(std::uint64_t tag, const ports::BusError& error) {
    outbox_.on_undeliverable(tag, error);
  }

  /// Who may be told of answers whose own conductor is not there any more.
  void conductors(const std::vector<ports::Member>&);

  /// The session is gone, and with it what was not started: others may be asked for it already.
  void session_lost();

  /// Hands back what has not started, takes nothing new, lets the rest end, and keeps answers until they are
  /// recorded. `done` is called once, with true, or at the deadline with false.
  void drain(Millis deadline, std::function<void(bool clean)> done);

  Figures figures() const;

 private:
  // What came in (task_runner.cc)
  void on(const ReplyTo&, const wire::Requests&);
  void on(const ReplyTo&, const wire::Cancel&);
  void on(const ReplyTo&, const wire::Probe&);
  void on(const ReplyTo&, const wire::Recorded&);
  void on(const ReplyTo&, const wire::Answers&) {}  // conductors do not answer
  void on(const ReplyTo&, const wire::Report&) {}
  void on(const ReplyTo&, const wire::Echo&) {}
  void on_request(const ReplyTo&, const wire::Request&);
  bool adopt(KnownAtom&, const Asked&);
  void accept(KnownAtom&, Asked);
  void wait_behind(const AtomKey&, Running&, Queued);
  void waited_behind(const AtomKey&, std::uint64_t order);
  void give_up_earlier(KnownAtom&);
  std::optional<wire::NotRun> why_not(const wire::Request&);
  /// True: answered without a running task: the answer, the word, or NotStarted with a tombstone.
  bool settle_unless_running(const ReplyTo&, const wire::DeliveryId&);
  DeliveryMemory::Forgets shown_forgetting();
  void say(const ReplyTo&, const wire::DeliveryId&, wire::NotRun);
  void say_for_good(const ReplyTo&, const wire::DeliveryId&, wire::NotRun);

  // What runs (task_calls.cc)
  bool session_is_fresh() const;
  void start_queued();
  void start(KnownAtom&);
  void ended(CallId, TaskOutcome);
  void finish(const AtomKey&, Running, TaskOutcome);
  void cancel(Running&);
  void timed_out(CallId);
  void answer(const AtomKey&, Asked, std::variant<Value, Failure>, Micros ran_for);
  void hand_back_queued(const std::string& why);
  void hand_back(const Asked&, const std::string& why);
  void undeliverable(const wire::DeliveryId&, const std::string& why);

  // What is told without being asked (reports.cc)
  void wake_reports();
  void report_all();
  void report_to(const ReplyTo&);
  void wake_repeats();
  void readdress(Asked&) const;
  void repeat_answers();
  std::map<ReplyTo, wire::Report> reports();
  void check_drained();
  std::function<void()> guarded(void (TaskRunner::*)());

  Ports ports_;
  const RunnerLimits limits_;
  const runtime::Log log_;
  runtime::RateLimit forgets_{Millis{600'000}};  // messages about atoms that were forgotten
  DeliveryMemory memory_;
  ReplyOutbox outbox_;

  std::vector<ReplyTo> conductors_;  // ascending; empty: not known
  std::uint64_t last_order_ = 0;
  std::map<std::uint64_t, AtomKey> queue_;  // by order of arrival: not started; behind a running one too
  std::map<CallId, AtomKey> running_;
  CallId last_call_ = 0;
  std::uint64_t last_report_ = 0;
  ports::TimerId report_timer_ = 0, repeat_timer_ = 0, drain_timer_ = 0;
  bool draining_ = false;
  std::function<void(bool)> drained_;
  Figures figures_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace baton::worker
