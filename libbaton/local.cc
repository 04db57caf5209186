#include <baton/local.h>
#include <fcntl.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <utility>

#include "client/command/parameter_text.h"
#include "client/local/session.h"
#include "client/local/system_refusal.h"
#include "libbaton/listening.h"
#include "local/task_slot.h"
#include "worker/module_task.h"

namespace baton::embed {
namespace {

using client::LocalSession;

std::atomic<bool> may_be_slot = false;

/// A task type of the embedding program, which must live while it may be called.
class EmbeddedTask final : public worker::TaskBody {
 public:
  explicit EmbeddedTask(std::shared_ptr<const baton_task_type> type)
      : type_(std::move(type)), task_(*type_) {}
  worker::TaskOutcome run(const wire::Request& request, worker::TaskControl& control) const override {
    return task_.run(request, control);
  }

 private:
  const std::shared_ptr<const baton_task_type> type_;
  const worker::ModuleTask task_;
};

Result<void, std::string> add_types(const TaskTypes& types, worker::TaskRegistry& registry) {
  for (const auto& type : types.all()) {
    const std::string name(sdk::boundary::view_of(type->name));
    if (auto added = registry.add(name, "this program", std::make_unique<EmbeddedTask>(type)); !added.ok())
      return added;
  }
  return {};
}

client::RunOptions run_options(const LocalOptions& from) {
  static constexpr const char* kExecutors[] = {"serial", "thread", "process"};
  client::RunOptions options;
  options.state = from.state_file;
  options.executor = kExecutors[static_cast<int>(from.executor)];
  options.slots = from.slots;
  options.modules = from.modules;
  options.commands = from.commands;
  options.name = from.name;
  options.command_guard = from.command_guard;
  return options;
}

[[noreturn]] void fail(const client::SessionProblem& problem) {
  using Kind = LocalError::Kind;
  const Kind kind = problem.how == client::Ended::Usage     ? Kind::wrong
                    : problem.how == client::Ended::Refused ? Kind::refused
                                                            : Kind::disk;
  throw LocalError(kind, problem.what);
}

std::vector<std::string> texts_of(const std::map<std::string, std::string>& parameters) {
  std::vector<std::string> texts;
  for (const auto& [name, value] : parameters) texts.push_back(name + "=" + value);
  return texts;
}

/// A flow, from wherever it comes, compiled with its initial values.
class FlowFrom {
 public:
  FlowFrom(const AnyFlow& flow, const json::object& store) : flow_(flow), store_(store) {}

  Result<client::LocalFlow, std::string> operator()(conductor::ModuleCatalogue& catalogue) const {
    const auto symbols = client::symbols_of(store_);
    if (!symbols.ok()) return Fail("the initial value of " + symbols.error());
    const auto flow =
        std::visit([&](const auto& from) { return read(from, symbols.value(), catalogue); }, flow_);
    if (!flow.ok()) return Fail(flow.error());
    return client::compile_value(flow.value(), symbols.value());
  }

 private:
  using Read = Result<Value, std::string>;
  static Read read(const sdk::Flow& built, const engine::Symbols&, conductor::ModuleCatalogue&) {
    auto flow = Value::from(built.json());
    if (!flow.ok()) return Fail("the flow: " + flow.error().message);
    return std::move(flow).value();
  }
  static Read read(const FlowFile& file, const engine::Symbols& symbols, conductor::ModuleCatalogue&) {
    return client::read_flow_file(file.path, texts_of(file.parameters), symbols);
  }
  static Read read(const ModuleFlow& flow, const engine::Symbols&, conductor::ModuleCatalogue& catalogue) {
    return client::build_module_flow(flow.name, texts_of(flow.parameters), catalogue);
  }

  const AnyFlow& flow_;
  const json::object& store_;
};

LocalEnd end_of(const ports::JobDetail& detail, std::vector<std::string> troubles) {
  LocalEnd end;
  end.flow = detail.summary.flow_name;
  end.state = public_state(detail.summary.state);
  end.run = detail.summary.run;
  if (detail.summary.failure) end.failure = public_failure(*detail.summary.failure);
  for (const auto& view : detail.atoms) {
    AtomEnd atom;
    atom.name = view.name;
    atom.state = public_state(view.record.state);
    atom.attempt = view.record.attempt;
    atom.result = view.record.result.tree();
    if (view.record.failure) atom.failure = public_failure(*view.record.failure);
    if (view.record.revert_failure) atom.revert_failure = public_failure(*view.record.revert_failure);
    end.atoms.push_back(std::move(atom));
  }
  end.listener_troubles = std::move(troubles);
  return end;
}

/// A peer that went away is an error of that write, not the end of the program; what threads are made
/// meanwhile inherit it.
class NoBrokenPipes {
 public:
  NoBrokenPipes() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~NoBrokenPipes() {
    if (!sigismember(&before_, SIGPIPE)) take_pending();
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoBrokenPipes(const NoBrokenPipes&) = delete;
  NoBrokenPipes& operator=(const NoBrokenPipes&) = delete;

 private:
  /// Unblocked, one that came meanwhile would be the end of the program now. Before, none was pending: it was
  /// not blocked.
  void take_pending() const {
    const timespec at_once{};
    while (sigtimedwait(&pipe_, nullptr, &at_once) == SIGPIPE || errno == EINTR) continue;
  }

  sigset_t pipe_, before_;
};

}  // namespace

const AtomEnd* LocalEnd::atom(const std::string& name) const {
  const auto found =
      std::find_if(atoms.begin(), atoms.end(), [&](const AtomEnd& one) { return one.name == name; });
  return found == atoms.end() ? nullptr : &*found;
}

struct Local::Impl {
  Impl(TaskTypes given, LocalOptions options) : types(std::move(given)), local_options(std::move(options)) {}

  using Begin = std::function<client::MaybeProblem(LocalSession&)>;

  void check() const {
    using Kind = LocalError::Kind;
    if (session) throw LocalError(Kind::wrong, "a run of this Local is under way");
    if (const auto slots = local_options.slots; slots < 1 || slots > client::kLocalSlotsMax)
      throw LocalError(Kind::wrong, "slots: from 1 to " + std::to_string(client::kLocalSlotsMax) + ", not " +
                                        std::to_string(slots));
    if (local_options.executor == Executor::process && !may_be_slot)
      throw LocalError(Kind::wrong,
                       "Executor::process starts this program again for its tasks\n  hint: call "
                       "baton::embed::serve_task_slot() first in main()");
  }

  LocalEnd go(const client::RunOptions& options, const Begin& begin) {
    check();
    LocalEnd end;
    const auto refused = client::refused_by_system([&] { end = run_here(options, begin); });
    if (refused) throw LocalError(LocalError::Kind::system, *refused);
    return end;
  }

  LocalEnd run_here(const client::RunOptions& options, const Begin& begin) {
    const NoBrokenPipes no_broken_pipes;
    LocalSession here(options, [this](worker::TaskRegistry& registry) { return add_types(types, registry); });
    const Under under(*this, here);
    if (const auto problem = begin(here)) fail(*problem);
    listening.listen(&here.notifier());
    if (!here.is_over()) here.drive();
    if (const auto why = here.lost(); !why.empty())
      throw LocalError(LocalError::Kind::disk, "the run cannot go on: " + why);
    return end_of(here.detail(), here.notifier().troubles());
  }

  /// The session that is under way, for stop().
  struct Under {
    Under(Impl& impl, LocalSession& here) : impl_(impl) { set(&here); }
    ~Under() {
      impl_.listening.listen(nullptr);
      set(nullptr);
    }
    Under(const Under&) = delete;
    Under& operator=(const Under&) = delete;

   private:
    void set(LocalSession* session) {
      const std::lock_guard lock(impl_.mutex);
      impl_.session = session;
    }
    Impl& impl_;
  };

  const TaskTypes types;
  const LocalOptions local_options;
  Listeners listening;
  std::mutex mutex;  // guards session
  LocalSession* session = nullptr;
};

Local::Local(TaskTypes types, LocalOptions options)
    : impl_(std::make_unique<Impl>(std::move(types), std::move(options))) {}
Local::~Local() = default;

LocalEnd Local::run(const AnyFlow& flow, const json::object& store) {
  return impl_->go(run_options(impl_->local_options),
                   [&](LocalSession& session) { return session.begin(FlowFrom(flow, store)); });
}

LocalEnd Local::resume() {
  return impl_->go(run_options(impl_->local_options), [](LocalSession& session) { return session.go_on(); });
}

LocalEnd Local::run_or_resume(const AnyFlow& flow, const json::object& store) {
  const auto options = run_options(impl_->local_options);
  if (options.state.empty()) return run(flow, store);
  return impl_->go(options,
                   [&](LocalSession& session) { return session.begin_or_go_on(FlowFrom(flow, store)); });
}

namespace {

client::RunOptions rerun_options(const LocalOptions& from, bool anew, const std::string& who,
                                 const std::string& why) {
  auto options = run_options(from);
  options.anew = anew;
  options.who = who;
  options.why = why;
  return options;
}

}  // namespace

LocalEnd Local::rerun(const std::string& who, const std::string& why) {
  return impl_->go(rerun_options(impl_->local_options, false, who, why),
                   [](LocalSession& session) { return session.begin_next(); });
}

LocalEnd Local::rerun_anew(const std::string& who, const std::string& why) {
  return impl_->go(rerun_options(impl_->local_options, true, who, why),
                   [](LocalSession& session) { return session.begin_next(); });
}

void Local::stop() {
  const std::lock_guard lock(impl_->mutex);
  if (auto* session = impl_->session) session->loop().post([session] { session->stop(); });
}

Local::Listening Local::on_atom(std::optional<AtomState> state,
                                std::function<void(const AtomChange&)> listener) {
  return impl_->listening.add(atom_listener(state, std::move(listener)));
}

Local::Listening Local::on_flow(std::optional<FlowState> state,
                                std::function<void(const FlowChange&)> listener) {
  return impl_->listening.add(flow_listener(state, std::move(listener)));
}

Local::Listening Local::on_progress(std::function<void(const Progress&)> listener) {
  return impl_->listening.add(progress_listener(std::move(listener)));
}

void Local::forget(Listening listening) {
  impl_->listening.forget(listening);
}

void serve_task_slot(int argc, char** argv, const TaskTypes& types) {
  may_be_slot = true;
  if (argc < 3 || argv[1] != std::string_view(local::kSlotWord)) return;
  local::TaskTypes all;
  const int alive = ::fcntl(local::kSlotAlive, F_GETFD) >= 0 ? local::kSlotAlive : -1;
  auto loaded = all.load(local::TaskTypes::files_of({argv + 3, argv + argc}), alive);
  if (loaded.ok()) loaded = add_types(types, all.registry);
  if (loaded.ok()) local::run_task_slot(std::atoi(argv[2]), all.registry);
  std::cerr << argv[0] << ": a task slot: " << loaded.error() << std::endl;
  std::exit(static_cast<int>(client::Ended::Usage));
}

}  // namespace baton::embed
