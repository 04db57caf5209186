#include <algorithm>
#include <map>

#include "common/memory/event_loop.h"
#include "common/memory/message_bus.h"
#include "tests/fuzz/bytes/expectations.h"
#include "tests/support/silent_directory.h"
#include "worker/task_runner.h"

/// What conductors may say to a worker, in any order and as often as they like, while its tasks end, its
/// session is silent or lost, and it drains. Two letters are a step: what, and about which atom and attempt;
/// others are blanks.
namespace {

using namespace baton;
using fuzz::expect;
using test::SilentDirectory;

constexpr std::uint32_t kSlots = 2;

/// I13: never two of one atom at once, and never one under a lower number than was asked for.
struct Tasks final : worker::TaskExecutor {
  explicit Tasks(ports::Executor& owner) : executor(owner) {}
  bool knows(std::string_view type) const override { return type == "t"; }
  void start(worker::CallId call, const wire::Request& request, Done done) override {
    const std::string& atom = request.delivery.atom;
    expect(request.delivery.dispatch == asked[atom], "what starts is what was asked for last");
    expect(std::none_of(open.begin(), open.end(), [&](const auto& each) { return each.second.atom == atom; }),
           "one of an atom at once");
    open[call] = {atom, std::move(done)};
    expect(open.size() <= kSlots, "no more than there are slots");
  }
  void cancel(worker::CallId) override {}
  worker::TaskProgress progress(worker::CallId) const override { return {}; }

  void end(const std::string& atom, const worker::TaskOutcome& outcome) {
    const auto found =
        std::find_if(open.begin(), open.end(), [&](const auto& each) { return each.second.atom == atom; });
    if (found == open.end()) return;
    executor.post([done = std::move(found->second.done), outcome] { done(outcome); });
    open.erase(found);
  }

  struct Open {
    std::string atom;
    Done done;
  };
  ports::Executor& executor;
  std::map<std::string, Dispatch> asked;  // the highest, by atom
  std::map<worker::CallId, Open> open;
};

struct Worker {
  void step(char what, char about) {
    const auto [atom, attempt] = std::pair(std::string(1, static_cast<char>('a' + (about & 3))),
                                           static_cast<Attempt>(1 + (about >> 2 & 3)));
    const bool revert = what == 'v';
    const wire::DeliveryId id{FlowId{}, atom, revert ? Intention::Revert : Intention::Execute, attempt, last};
    switch (what) {
      case 'r':
      case 'v':
        return ask(id, ++last);
      case 'o':  // a late copy
        return ask(id, std::max<Dispatch>(1, last - (about >> 4 & 3)));
      case 'c':
        return hear(wire::Cancel{later(id), "why"});
      case 'p':
        return hear(wire::Probe{later(id)});
      case 'k':
        return hear(wire::Recorded{{id}});
      case 'e':
        return tasks.end(atom, worker::TaskOutcome(Value::of_number(attempt)));
      case 'f':
        return tasks.end(atom, Failure::make("T", "m"));
      case 'x':
        return tasks.end(atom, Failure::make(std::string(failure_type::kCancelled), "m"));
      case 't':
        return loop.run_for(Millis{20 * (about & 63)});
      case 'q':
        directory.silent = about & 1 ? test::kSilentSessionTimeout : Millis{0};
        return;
      case 's':
        return runner.session_lost();
      case 'u':
        return runner.receive_unreadable({"of another version", true, self, conductor, 0});
      case 'd':
        return drain();
      default:
        return;
    }
  }
  void ask(wire::DeliveryId id, Dispatch dispatch) {
    id.dispatch = dispatch;
    tasks.asked[id.atom] = std::max(tasks.asked[id.atom], dispatch);
    wire::Request request;
    request.delivery = id;
    request.task_type = "t";
    hear(wire::Requests{{request}});
  }
  /// Who asks about a number has given it out.
  wire::DeliveryId later(const wire::DeliveryId& id) {
    tasks.asked[id.atom] = std::max(tasks.asked[id.atom], id.dispatch);
    return id;
  }
  void hear(wire::Body body) {
    const auto message = wire::decode(wire::encode({self, conductor, 0, std::move(body)}));
    expect(message.ok(), "what we say can be read");
    runner.receive(*message);
    loop.run_until_idle();
  }
  void drain() {
    if (draining) return;
    draining = true;
    runner.drain(Millis{500}, [this](bool) { ++drained; });
  }
  /// Whatever was asked: its tasks end, and so does its drain.
  void finish() {
    directory.silent = Millis{0};
    for (const auto& [atom, dispatch] : tasks.asked)
      for (int again = 0; again < 2; ++again, loop.run_until_idle())
        tasks.end(atom, worker::TaskOutcome(Value()));
    expect(runner.figures().running == tasks.open.size(), "it knows what runs");
    drain();
    loop.run_for(Millis{1'000});
    expect(drained == 1, "a drain ends, once");
    expect(runner.figures().queued == 0, "nothing waits behind a drain");
  }

  memory::EventLoop loop;
  memory::MemoryBroker broker{1};
  memory::MemoryMessageBus bus{broker, loop, loop};
  SilentDirectory directory;
  Tasks tasks{loop};
  const Incarnation self{Uuid{{1}}}, conductor{Uuid{{2}}};
  worker::TaskRunner runner{{bus, loop, loop, directory, tasks}, {.slots = kSlots, .prefetch = 2}, self};
  Dispatch last = 0;
  bool draining = false;
  int drained = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  Worker worker;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) worker.step(bytes[i], bytes[i + 1]);
  worker.finish();
  return 0;
}
