#include "client/local/local_run.h"

#include <unistd.h>

#include <algorithm>
#include <ostream>
#include <utility>

#include "client/command/refusal.h"
#include "client/local/picture.h"
#include "common/model/name_list.h"
#include "common/runtime/signals.h"

namespace baton::client {
namespace {

constexpr std::size_t kRunningAsked = 4;  // beside the bar, one more than are shown
constexpr const char* kBoard = "local";   // in place of a board's id and path

/// "serial (pid 4711)", …: who ran a task, for people.
std::string worker_name(const RunOptions& options) {
  return options.executor + " (pid " + std::to_string(::getpid()) + ")";
}

}  // namespace

LocalRun::LocalRun(const Context& context, const RunOptions& options)
    : context_(context), options_(options), progress_(context, loop_, options.quiet) {}

LocalRun::~LocalRun() = default;

Ended LocalRun::refuse(Ended how, const std::string& what) const {
  return refuse_as(context_, how, what);
}

template <class T>
Result<T, ports::StoreError> LocalRun::wait(const std::function<void(ports::FlowStore::Done<T>)>& ask) {
  std::optional<Result<T, ports::StoreError>> answer;
  ask([&](Result<T, ports::StoreError> said) {
    answer.emplace(std::move(said));
    loop_.stop();
  });
  loop_.run();
  return *std::move(answer);
}

// ---- the three ways to begin

Ended LocalRun::run() {
  if (const auto problem = catalogue_.load(options_.modules); !problem.ok())
    return refuse(Ended::Usage, problem.error());
  auto flow = compile_local(options_, catalogue_);
  if (!flow.ok()) return refuse(Ended::Usage, flow.error());
  begin_.plan = flow->plan;
  if (!options_.state.empty())
    if (const auto ended = open_state(sqlite::StateFile::IfMissing::Make)) return *ended;
  if (const auto ended = load_types()) return *ended;
  if (const auto ended = check_task_types()) return *ended;
  if (const auto ended = claim_new(*flow)) return *ended;
  return drive();
}

Ended LocalRun::resume() {
  if (const auto ended = open_state(sqlite::StateFile::IfMissing::Refuse)) return *ended;
  if (const auto ended = refuse_not_ours()) return *ended;
  if (const auto* job = held(); is_final(job->state))
    return refuse(Ended::Refused, options_.state + " holds " + holds() + ", which has ended " +
                                      std::string(to_string(job->state)) + "\n  hint: baton rerun --state " +
                                      options_.state + " runs it once more");
  if (const auto ended = claim_again(Claim::Same)) return *ended;
  return drive();
}

Ended LocalRun::rerun() {
  if (const auto ended = open_state(sqlite::StateFile::IfMissing::Refuse)) return *ended;
  if (const auto ended = refuse_not_ours()) return *ended;
  if (const auto* job = held(); !is_final(job->state))
    return refuse(Ended::Refused, options_.state + " holds " + holds() +
                                      ", which has not ended\n  hint: baton resume --state " +
                                      options_.state + " goes on with it");
  if (const auto ended = claim_again(Claim::NextRun)) return *ended;
  return drive();
}

// ---- the state file

std::optional<Ended> LocalRun::open_state(sqlite::StateFile::IfMissing if_missing) {
  auto file = sqlite::FlowFile::open(options_.state, if_missing, loop_, loop_);
  if (!file.ok()) {
    using Kind = sqlite::FileError::Kind;
    const Kind kind = file.error().kind;
    const Ended how = kind == Kind::Missing   ? Ended::Usage
                      : kind == Kind::Trouble ? Ended::Unreachable
                                              : Ended::Refused;
    return refuse(how, file.error().message);
  }
  file_ = std::move(file).value();
  store_ = file_->open_store();
  return std::nullopt;
}

const ports::JobSummary* LocalRun::held() const {
  return file_ ? file_->only_job() : nullptr;
}

std::string LocalRun::holds() const {
  const auto* job = held();
  return "run " + std::to_string(job->run) + " of the flow '" + job->flow_name + "'";
}

std::optional<Ended> LocalRun::claim_new(const LocalFlow& flow) {
  const std::string name = options_.name.empty() ? flow.name : options_.name;
  const auto* job = held();
  const bool same = job && job->board_path == kBoard && file_->posting_of(job->uuid)->details == flow.details;
  if (same && !file_->plan_of(job->uuid)) {  // it was ended before its first record
    begin_.job = job->uuid;
    posting_ = *file_->posting_of(job->uuid);
    return claim(posting_, job->epoch);
  }
  if (job && !same)
    return refuse(Ended::Refused, options_.state + " holds another flow: " + holds() + ", " +
                                      std::string(to_string(job->state)) +
                                      "\n  hint: name another file; nothing was changed");
  if (job)
    return refuse(Ended::Refused, options_.state + " holds " + holds() + " already, " +
                                      std::string(to_string(job->state)) + "\n  hint: baton " +
                                      (is_final(job->state) ? "rerun" : "resume") + " --state " +
                                      options_.state + ", or name another file");
  auto posting = Posting::make(JobId(entropy_.uuid().to_string()), name, Priority::Normal, flow.details);
  if (!posting.ok()) return refuse(Ended::Usage, posting.error().message);
  posting_ = std::move(posting).value();
  posted_at_ = loop_.wall();
  begin_.job = posting_.uuid;
  if (file_) return claim(posting_, {});
  begin_.flow = FlowId(entropy_.uuid());
  begin_.epoch = {1, 1};
  return std::nullopt;
}

std::optional<Ended> LocalRun::refuse_not_ours() const {
  const auto* job = held();
  if (!job || job->board_path != kBoard)
    return refuse(
        Ended::Refused,
        options_.state +
            (job ? " is a file of baton dev\n  hint: baton dev --state " + options_.state
                 : " holds no run\n  hint: baton run FLOW --state " + options_.state + " begins one"));
  return std::nullopt;
}

std::optional<Ended> LocalRun::claim_again(Claim which) {
  const auto* job = held();
  const Posting& kept = *file_->posting_of(job->uuid);
  const std::uint32_t run = which == Claim::NextRun ? job->run + 1 : job->run;
  auto posting = Posting::make(kept.uuid, kept.name, kept.priority, kept.details, kept.book, run);
  if (!posting.ok()) return refuse(Ended::Refused, posting.error().message);
  posting_ = std::move(posting).value();
  if (const auto ended = decode_plan(job->uuid)) return ended;
  if (const auto problem = catalogue_.load(options_.modules); !problem.ok())
    return refuse(Ended::Usage, problem.error());
  if (const auto ended = load_types()) return ended;
  if (const auto ended = check_task_types()) return ended;
  if (const auto ended = claim(posting_, job->epoch)) return ended;
  return load_claimed();
}

std::optional<Ended> LocalRun::decode_plan(const JobId& uuid) {
  const std::string* kept = file_->plan_of(uuid);
  if (!kept)
    return refuse(Ended::Refused,
                  options_.state +
                      " holds a run that was ended before its first record\n  hint: baton run "
                      "FLOW --state " +
                      options_.state + " begins it");
  auto plan = engine::decode(*kept);
  if (!plan.ok()) return refuse(Ended::Refused, options_.state + ": " + plan.error().message);
  begin_.plan = std::move(plan).value();
  begin_.plan_kept = true;
  return std::nullopt;
}

/// Nobody else can have the file: each claim is the next one.
std::optional<Ended> LocalRun::claim(const Posting& posting, Epoch after) {
  ports::ClaimRequest request;
  request.new_flow = FlowId(entropy_.uuid());
  request.posting = posting;
  request.board_path = request.board_id = kBoard;
  request.lock_czxid = after.lock_czxid + 1;
  request.conductor = Incarnation(entropy_.uuid());
  request.conductor_name = worker_name(options_);
  const auto outcome = wait<ports::ClaimOutcome>([&](auto done) { store_->claim(request, std::move(done)); });
  if (!outcome.ok()) return refuse(Ended::Unreachable, file_->trouble() + outcome.error().message);
  if (outcome->verdict != ports::ClaimVerdict::Owned)
    return refuse(Ended::Refused, options_.state + " does not let itself be claimed");
  begin_.job = posting.uuid;
  begin_.flow = outcome->flow;
  begin_.epoch = outcome->epoch;
  begin_.run = outcome->run;
  return std::nullopt;
}

std::optional<Ended> LocalRun::load_claimed() {
  auto snapshot =
      wait<ports::FlowSnapshot>([&](auto done) { store_->load(begin_.flow, begin_.epoch, std::move(done)); });
  if (!snapshot.ok()) return refuse(Ended::Unreachable, snapshot.error().message);
  begin_.state = snapshot->state;
  begin_.atoms = std::move(snapshot->atoms);
  begin_.last_seq = snapshot->last_seq;
  return std::nullopt;
}

// ---- what runs the tasks

std::optional<Ended> LocalRun::load_types() {
  types_ = std::make_unique<local::TaskTypes>();
  const auto loaded =
      types_->load({options_.modules, options_.commands}, file_ ? file_->lock_descriptor() : -1);
  if (!loaded.ok()) return refuse(Ended::Usage, loaded.error());
  return std::nullopt;
}

std::optional<Ended> LocalRun::check_task_types() const {
  std::string wrong;
  for (AtomIndex atom = 0; atom < begin_.plan->size(); ++atom) {
    if (begin_.plan->kind(atom) != engine::AtomKind::Task) continue;
    const std::string& type = begin_.plan->task(atom).type;
    if (types_->registry.find(type)) continue;
    wrong +=
        "task '" + begin_.plan->name(atom) + "' is of the type '" + type + "', which nothing here can run\n";
    if (wrong.size() > 2'000) break;  // they are all told alike
  }
  if (wrong.empty()) return std::nullopt;
  return refuse(Ended::Usage, wrong + "  known: " + name_list(types_->registry.types()) +
                                  "\n  hint: load its module with --module FILE, or name a command with "
                                  "--commands FILE");
}

void LocalRun::make_executor() {
  const local::TaskTypes::Files files{options_.modules, options_.commands};
  if (options_.executor == "serial")
    tasks_ = std::make_unique<local::SerialExecutor>(loop_, types_->registry);
  else if (options_.executor == "process")
    tasks_ = std::make_unique<local::ProcessExecutor>(
        loop_, types_->registry,
        local::SlotProgram{local::SlotProgram::own_path(), local::TaskTypes::arguments_of(files),
                           file_ ? file_->lock_descriptor() : -1},
        options_.slots);
  else
    tasks_ = std::make_unique<worker::ThreadExecutor>(loop_, types_->registry, options_.slots);
}

// ---- the run

Ended LocalRun::drive() {
  make_executor();
  if (file_) {
    keeper_ = std::make_unique<local::StoreKeeper>(*store_);
  } else {
    auto memory = std::make_unique<local::MemoryKeeper>(loop_);
    memory_ = memory.get();
    keeper_ = std::move(memory);
  }
  const std::uint32_t slots = options_.executor == "serial" ? 1 : options_.slots;
  local::FlowRun::Listener& listener = *this;
  flow_ = std::make_unique<local::FlowRun>(
      begin_, local::FlowRun::Ports{*keeper_, *tasks_, loop_, loop_, catalogue_.retries()},
      local::FlowRun::Settings{slots, Incarnation(entropy_.uuid()), worker_name(options_)}, listener);
  const runtime::Signals signals(
      loop_, [this] { stop_softly(); }, static_cast<int>(Ended::Stopped));
  flow_->begin();
  if (lost_.empty()) loop_.run();
  progress_.clear_bar();
  return finish();
}

/// With a state file nothing is lost by stopping; without one, what was done is put back.
void LocalRun::stop_softly() {
  progress_.clear_bar();
  stopping_ = true;
  context_.err << (file_ ? "baton: stopping when what runs has ended"
                         : "baton: cancelled, what was done is reverted")
               << "; once more: at once" << std::endl;
  if (file_)
    flow_->suspend("a signal", "told to stop");
  else
    flow_->cancel("a signal", "told to stop");
}

void LocalRun::on_facts(const engine::Engine& engine, std::span<const Fact> facts) {
  progress_.show(engine, facts);
  if (!progress_.has_bar() || std::exchange(bar_due_, true)) return;
  loop_.after(LiveProgress::kBarEvery, [this] {
    bar_due_ = false;
    if (is_over()) return;
    progress_.show_bar(*flow_->engine(), flow_->running(kRunningAsked));
  });
}

void LocalRun::on_end(FlowState state) {
  end_ = state;
  loop_.stop();
}

void LocalRun::on_lost(const std::string& why) {
  lost_ = why;
  loop_.stop();
}

ports::JobDetail LocalRun::detail() {
  ports::JobDetail detail;
  if (file_) {
    auto shown = wait<ports::JobDetail>([&](auto done) { store_->show(begin_.job, {}, std::move(done)); });
    if (shown.ok()) return std::move(shown).value();
  }
  auto& about = detail.summary;
  detail.posting = posting_;
  about.uuid = posting_.uuid;
  about.name = posting_.name;
  about.flow = begin_.flow;
  about.flow_name = begin_.plan->flow_name();
  about.state = flow_->engine()->state();
  about.conductor = worker_name(options_);
  about.board_path = kBoard;
  about.posted_at = posted_at_;
  about.updated_at = loop_.wall();
  about.finished_at = about.updated_at;
  about.atoms = static_cast<std::uint32_t>(begin_.plan->size());
  about.atoms_done = static_cast<std::uint32_t>(flow_->engine()->done());
  if (memory_) {
    about.failure = memory_->failure();
    detail.atoms = memory_->atoms();
  }
  return detail;
}

Ended LocalRun::finish() {
  if (!lost_.empty()) {
    const std::string trouble = file_ ? file_->trouble() : "";
    refuse(Ended::Unreachable, "the run cannot go on: " + (trouble.empty() ? lost_ : trouble) +
                                   (file_ ? "\n  hint: what is recorded is safe; baton resume --state " +
                                                options_.state + " goes on from there"
                                          : ""));
    // Tasks that still run are not waited for: their guards and slots see this process end.
    context_.out << std::flush;
    ::_exit(static_cast<int>(Ended::Unreachable));
  }
  print_picture(context_, detail(), *begin_.plan, loop_.wall());
  if (!is_final(end_))
    context_.err << "baton: " << to_string(end_)
                 << (file_ ? "\n  hint: baton resume --state " + options_.state + " goes on with it"
                           : "\n  hint: with --state FILE it could be gone on with; nothing of it was kept")
                 << std::endl;
  if (end_ == FlowState::Success) return Ended::Success;
  return stopping_ ? Ended::Stopped : Ended::FlowFailed;
}

}  // namespace baton::client
