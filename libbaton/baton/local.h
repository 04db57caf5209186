#pragma once

#include <baton/flow.h>
#include <baton/listener.h>
#include <baton/task_types.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

/// Runs flows in this process: the engine, the retries and reverts of the cluster, without a server. With a
/// state file a run survives kill -9 and goes on from its last record.
///
///     baton::embed::LocalOptions options;
///     options.state_file = "order.state";
///     baton::embed::Local local(types, options);
///     local.on_atom(AtomState::failure, [](const AtomChange& change) { … });
///     const auto end = local.run_or_resume(flow);
namespace baton::embed {

/// Where tasks run.
enum class Executor {
  serial,  // one after the other
  thread,  // on threads of this process
  process  // in processes of this very program (serve_task_slot), which may crash without harm to it
};

struct LocalOptions {
  std::string state_file;  // empty: nothing is kept
  Executor executor = Executor::thread;
  std::uint32_t slots = 8;            // tasks at a time, 1 to 1024; serial: one
  std::vector<std::string> modules;   // .so files with further task types, flows and retry policies
  std::vector<std::string> commands;  // files of named commands that are task types
  std::string name;                   // the run's, for people; empty: the flow's
  /// The program baton-command-guard, which looks after tasks that are commands; the installed one.
#ifdef BATON_COMMAND_GUARD
  std::string command_guard = BATON_COMMAND_GUARD;
#else
  std::string command_guard = "baton-command-guard";
#endif
};

/// A flow file (YAML, or JSON if its name ends in .json), with its parameters as texts.
struct FlowFile {
  std::string path;
  std::map<std::string, std::string> parameters = {};
};
/// A flow that a module has, by its name.
struct ModuleFlow {
  std::string name;
  std::map<std::string, std::string> parameters = {};
};
using AnyFlow = std::variant<sdk::Flow, FlowFile, ModuleFlow>;

struct AtomEnd {
  std::string name;
  AtomState state = AtomState::pending;
  std::uint32_t attempt = 0;
  json::value result;
  std::optional<Failure> failure, revert_failure;
};

/// How a run ended, or that it was stopped (suspended).
struct LocalEnd {
  std::string flow;
  FlowState state = FlowState::pending;
  std::uint32_t run = 1;
  std::optional<Failure> failure;
  std::vector<AtomEnd> atoms;  // in definition order
  /// What listeners threw; at most 17 of them are told.
  std::vector<std::string> listener_troubles;

  bool succeeded() const { return state == FlowState::success; }
  const AtomEnd* atom(const std::string& name) const;  // null: there is none
};

/// Why a run cannot begin, or go on: where, what, what to do. A run that cannot go on is over when the tasks
/// that run have ended: those on threads are waited for.
class LocalError : public std::runtime_error {
 public:
  enum class Kind {
    wrong,    // the flow, the options, a task type that nothing here can run
    refused,  // the state file: another flow's, in use, damaged, or its run has (not) ended
    disk,     // … cannot be read or written; what is recorded is safe
    system    // this process is refused descriptors or threads; what is recorded is safe
  };
  LocalError(Kind kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}
  Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

/// To listen for any state.
inline constexpr std::nullopt_t any = std::nullopt;

/// Runs one flow at a time. The calls that run one return at its end; from one thread at a time, but stop().
/// Each throws LocalError.
class Local {
 public:
  explicit Local(TaskTypes types, LocalOptions options = {});
  ~Local();
  Local(const Local&) = delete;
  Local& operator=(const Local&) = delete;

  /// A flow anew; with initial values, by symbol. With a state file: one that holds no run yet.
  LocalEnd run(const AnyFlow&, const json::object& store = {});
  /// What the state file has, from its last record on. The flow is in the file.
  LocalEnd resume();
  /// The one or the other: after a kill this goes on. A run of this flow that has ended is only told.
  LocalEnd run_or_resume(const AnyFlow&, const json::object& store = {});
  /// Once more, after its end: what succeeded and was not reverted is kept …
  LocalEnd rerun(const std::string& who = "", const std::string& why = "");
  /// … or nothing is: all runs again, after somebody has cleaned up.
  LocalEnd rerun_anew(const std::string& who = "", const std::string& why = "");

  /// From any thread, also from listeners and tasks: starts nothing more. With a state file what runs ends,
  /// then the run is suspended; without one it is cancelled and reverted. Nothing, if none is under way.
  void stop();

  /// Listeners. They hear every change of their kind, in the order of the records and after it is on record;
  /// what runs may have begun, and even ended, before its `running` is told. A change that was recorded right
  /// before a kill is not told again. Called on the thread that runs the flow: its next step waits for them,
  /// tasks do not, so they should be quick. One that throws does not harm the flow: LocalEnd::
  /// listener_troubles tells. Added and taken away between runs, or by listeners.
  using Listening = std::uint64_t;
  Listening on_atom(std::optional<AtomState> state, std::function<void(const AtomChange&)> listener);
  Listening on_flow(std::optional<FlowState> state, std::function<void(const FlowChange&)> listener);
  /// Tasks are asked every 100 ms.
  Listening on_progress(std::function<void(const Progress&)> listener);
  void forget(Listening);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// With Executor::process, first in main(): this program is also the one that serves as a slot. Does not
/// return in a slot. `types`: the same that Local is given.
void serve_task_slot(int argc, char** argv, const TaskTypes& types);

}  // namespace baton::embed
