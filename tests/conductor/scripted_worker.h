#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/memory/directory.h"
#include "common/memory/ensemble.h"
#include "common/memory/event_loop.h"
#include "common/memory/message_bus.h"
#include "worker/task_runner.h"

namespace baton::conductor::testing {

/// What the tasks of all workers of a story do, by atom; and every call that was made, in order.
struct Script {
  std::map<std::string, Failure> failures;  // its executions fail
  std::map<std::string, Failure> revert_failures;
  std::map<std::string, Value> results;           // else: the atom's name
  std::set<std::string> held;                     // its executions end only by release()
  std::map<std::string, std::string> raw_result;  // bytes that no border has seen
  /// What a task does to the world, when it ends; instead of all of that. nullopt: as the script says.
  std::function<std::optional<worker::TaskOutcome>(const wire::Request&)> acts;
  Millis takes{1};

  std::vector<std::string> calls;  // "create-1", "revert create-1"
  std::size_t count(const std::string& call) const;
};

/// A worker process of a story: the real TaskRunner on memory ports, with tasks as the script says.
/// expire() and vanish() play its session's end and its own.
class ScriptedWorker final : ports::MessageBus::Listener, ports::Directory::Listener, worker::TaskExecutor {
 public:
  struct World {
    memory::EventLoop& loop;
    memory::MemoryEnsemble& ensemble;
    memory::MemoryBroker& broker;
    ports::Entropy& entropy;
    Script& script;
  };
  ScriptedWorker(World, const std::string& name, std::vector<std::string> task_types, std::uint32_t slots,
                 std::map<std::string, std::string> labels);
  ~ScriptedWorker() override;

  void release(const std::string& atom);  // a held execution ends
  /// As by kill -9: nothing comes from it any more. Noted: at once known, with what the note says.
  void vanish(bool note_death, const ports::DeathNote& = {});
  /// As the directory gives a worker whose advert nobody here could ever read.
  void become_unreadable();
  memory::MemorySession& session() { return session_; }
  const std::string& name() const { return advert_.name; }
  Incarnation incarnation() const { return advert_.incarnation; }
  std::size_t running() const { return open_.size(); }
  bool holds(const std::string& atom) const;
  std::size_t unrecorded() const { return runner_.figures().unrecorded; }  // answers kept

 private:
  void on_message(std::string_view bytes) override;
  void on_drained() override {}
  void on_room() override { runner_.on_room(); }
  void on_undeliverable(std::uint64_t tag, const ports::BusError& error) override {
    runner_.on_undeliverable(tag, error);
  }
  void on_reachable(bool) override {}
  void on_workers(const std::vector<ports::Advert>&, const std::vector<Incarnation>&) override {}
  void on_conductors(const std::vector<ports::Member>& members) override { runner_.conductors(members); }
  void on_session_lost() override { runner_.session_lost(); }

  bool knows(std::string_view task_type) const override;
  void start(worker::CallId, const wire::Request&, Done) override;
  void cancel(worker::CallId) override {}
  worker::TaskProgress progress(worker::CallId) const override { return {}; }
  void end(worker::CallId);

  struct Open {
    wire::Request request;
    worker::TaskOutcome outcome;
    Done done;
  };

  World world_;
  ports::Advert advert_;
  memory::MemorySession session_;
  memory::MemoryDirectory directory_;
  memory::MemoryMessageBus bus_;
  worker::TaskRunner runner_;
  std::map<worker::CallId, Open> open_;
  bool gone_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace baton::conductor::testing
