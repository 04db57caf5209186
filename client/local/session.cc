#include "client/local/session.h"

#include <unistd.h>

#include <utility>

#include "common/model/assert.h"
#include "common/model/name_list.h"
#include "local/process_executor.h"
#include "local/serial_executor.h"

namespace baton::client {
namespace {

constexpr const char* kBoard = "local";  // in place of a board's id and path

/// "serial (pid 4711)", …: who ran a task, for people.
std::string worker_name(const RunOptions& options) {
  return options.executor + " (pid " + std::to_string(::getpid()) + ")";
}

SessionProblem refused(std::string what) {
  return {Ended::Refused, std::move(what)};
}
SessionProblem wrong(std::string what) {
  return {Ended::Usage, std::move(what)};
}
SessionProblem trouble(std::string what) {
  return {Ended::Unreachable, std::move(what)};
}

SessionProblem of_file(const sqlite::FileError& error) {
  using Kind = sqlite::FileError::Kind;
  if (error.kind == Kind::Missing) return wrong(error.message);
  return error.kind == Kind::Trouble ? trouble(error.message) : refused(error.message);
}

}  // namespace

LocalSession::LocalSession(const RunOptions& options, AddTypes add_types)
    : options_(options), add_types_(std::move(add_types)) {}

LocalSession::~LocalSession() = default;

// ---- the ways to begin

LocalSession::Problem LocalSession::begin(const FlowFrom& flow_from) {
  if (auto problem = check_slots()) return problem;
  if (auto problem = load_modules()) return problem;
  const auto flow = flow_from(catalogue_);
  if (!flow.ok()) return wrong(flow.error());
  begin_.plan = flow->plan;
  if (!options_.state.empty())
    if (auto problem = open(sqlite::StateFile::IfMissing::Make)) return problem;
  if (auto problem = load_types()) return problem;
  if (auto problem = check_task_types()) return problem;
  return claim_new(*flow);
}

LocalSession::Problem LocalSession::go_on() {
  if (auto problem = check_slots()) return problem;
  if (auto problem = open(sqlite::StateFile::IfMissing::Refuse)) return problem;
  if (auto problem = refuse_not_ours()) return problem;
  if (const auto* job = held(); is_final(job->state))
    return refused(options_.state + " holds " + shown() + ", which has ended " +
                   std::string(to_string(job->state)) + "\n  hint: baton rerun --state " + options_.state +
                   " runs it once more");
  return claim_again(held()->run);
}

LocalSession::Problem LocalSession::begin_next() {
  if (auto problem = check_slots()) return problem;
  if (auto problem = open(sqlite::StateFile::IfMissing::Refuse)) return problem;
  if (auto problem = refuse_not_ours()) return problem;
  if (!is_final(held()->state))
    return refused(options_.state + " holds " + shown() +
                   ", which has not ended\n  hint: baton resume --state " + options_.state +
                   " goes on with it");
  return claim_again(held()->run + 1);
}

LocalSession::Problem LocalSession::begin_or_go_on(const FlowFrom& flow_from) {
  if (auto problem = check_slots()) return problem;
  if (auto problem = load_modules()) return problem;
  const auto flow = flow_from(catalogue_);
  if (!flow.ok()) return wrong(flow.error());
  if (auto problem = open(sqlite::StateFile::IfMissing::Make)) return problem;
  if (holds(*flow) && file_->plan_of(held()->uuid)) {
    if (!is_final(held()->state)) return claim_again(held()->run);
    end_ = held()->state;
    posting_ = *file_->posting_of(held()->uuid);
    return decode_plan(begin_.job = held()->uuid);
  }
  begin_.plan = flow->plan;
  if (auto problem = load_types()) return problem;
  if (auto problem = check_task_types()) return problem;
  return claim_new(*flow);
}

LocalSession::Problem LocalSession::check_slots() const {
  if (options_.slots >= 1 && options_.slots <= kLocalSlotsMax) return std::nullopt;
  return wrong("slots: from 1 to " + std::to_string(kLocalSlotsMax) + ", not " +
               std::to_string(options_.slots));
}

// ---- the state file

LocalSession::Problem LocalSession::open(sqlite::StateFile::IfMissing if_missing) {
  if (options_.dry_run) return open_copy(if_missing);
  return take_file(sqlite::FlowFile::open(options_.state, if_missing, loop_, loop_));
}

/// One that would be made is none.
LocalSession::Problem LocalSession::open_copy(sqlite::StateFile::IfMissing if_missing) {
  auto file = sqlite::FlowFile::open_copy(options_.state, loop_, loop_);
  const bool missing = !file.ok() && file.error().kind == sqlite::FileError::Kind::Missing;
  if (!missing || if_missing == sqlite::StateFile::IfMissing::Refuse) return take_file(std::move(file));
  const auto why = sqlite::StateFile::why_not_made(options_.state);
  return why ? Problem(of_file(*why)) : std::nullopt;
}

LocalSession::Problem LocalSession::take_file(
    Result<std::unique_ptr<sqlite::FlowFile>, sqlite::FileError> file) {
  if (!file.ok()) return of_file(file.error());
  file_ = std::move(file).value();
  store_ = file_->open_store();
  return std::nullopt;
}

const ports::JobSummary* LocalSession::held() const {
  return file_ ? file_->only_job() : nullptr;
}

std::string LocalSession::shown() const {
  const auto* job = held();
  return "run " + std::to_string(job->run) + " of the flow '" + job->flow_name + "'";
}

bool LocalSession::holds(const LocalFlow& flow) const {
  const auto* job = held();
  return job && job->board_path == kBoard && file_->posting_of(job->uuid)->details == flow.details;
}

SessionProblem LocalSession::refuse_held(const LocalFlow& flow) const {
  const auto* job = held();
  const std::string state(to_string(job->state));
  if (!holds(flow))
    return refused(options_.state + " holds another flow: " + shown() + ", " + state +
                   "\n  hint: name another file");
  return refused(options_.state + " holds " + shown() + " already, " + state + "\n  hint: baton " +
                 (is_final(job->state) ? "rerun" : "resume") + " --state " + options_.state +
                 ", or name another file");
}

LocalSession::Problem LocalSession::claim_new(const LocalFlow& flow) {
  const std::string name = options_.name.empty() ? flow.name : options_.name;
  if (const auto* job = held()) {
    if (!holds(flow) || file_->plan_of(job->uuid)) return refuse_held(flow);
    posting_ = *file_->posting_of(job->uuid);  // it was ended before its first record
    return claim(posting_, job->epoch);
  }
  auto posting = Posting::make(JobId(entropy_.uuid().to_string()), name, Priority::Normal, flow.details);
  if (!posting.ok()) return wrong(posting.error().message);
  posting_ = std::move(posting).value();
  posted_at_ = loop_.wall();
  if (file_) return claim(posting_, {});
  begin_.job = posting_.uuid;
  begin_.flow = FlowId(entropy_.uuid());
  begin_.epoch = {1, 1};
  return std::nullopt;
}

LocalSession::Problem LocalSession::refuse_not_ours() const {
  const auto* job = held();
  if (job && job->board_path == kBoard) return std::nullopt;
  return refused(options_.state +
                 (job ? " is a file of baton dev\n  hint: baton dev --state " + options_.state
                      : " holds no run\n  hint: baton run FLOW --state " + options_.state + " begins one"));
}

LocalSession::Problem LocalSession::claim_again(std::uint32_t run) {
  const JobId uuid = held()->uuid;
  const Posting& kept = *file_->posting_of(uuid);
  auto posting = Posting::make(kept.uuid, kept.name, kept.priority, kept.details, kept.book, run);
  if (!posting.ok()) return refused(posting.error().message);
  posting_ = std::move(posting).value();
  if (auto problem = decode_plan(uuid)) return problem;
  if (auto problem = load_modules()) return problem;
  if (auto problem = load_types()) return problem;
  if (auto problem = check_task_types()) return problem;
  if (run > held()->run)
    if (auto problem = ask_for_next_run()) return problem;
  if (auto problem = claim(posting_, held()->epoch)) return problem;
  return load_claimed();
}

LocalSession::Problem LocalSession::ask_for_next_run() {
  ports::OrderRequest request;
  request.job = held()->uuid;
  request.last_run = held()->run;
  request.order.kind = OrderKind::Rerun;
  request.order.keep = !options_.anew;
  request.order.who = options_.who.empty() ? worker_name(options_) : options_.who;
  request.order.why = options_.why;
  const auto outcome = file_->database().order(request, loop_.wall());
  if (!outcome.ok()) return refused(outcome.error().message);
  if (outcome->verdict == ports::OrderVerdict::Recorded) return std::nullopt;
  return refused(options_.state + " holds " + shown() + ", which cannot be run again: it is " +
                 std::string(to_string(held()->state)));
}

LocalSession::Problem LocalSession::decode_plan(const JobId& uuid) {
  const std::string* kept = file_->plan_of(uuid);
  if (!kept)
    return refused(options_.state +
                   " holds a run that was ended before its first record\n  hint: baton run FLOW --state " +
                   options_.state + " begins it");
  auto plan = engine::decode(*kept);
  if (!plan.ok()) return refused(options_.state + ": " + plan.error().message);
  begin_.plan = std::move(plan).value();
  begin_.plan_kept = true;
  return std::nullopt;
}

/// Nobody else can have the file: each claim is the next one. It is on the disk with the run's first step,
/// before which nothing begins: each sync costs a start some milliseconds.
LocalSession::Problem LocalSession::claim(const Posting& posting, Epoch after) {
  ports::ClaimRequest request;
  request.new_flow = FlowId(entropy_.uuid());
  request.posting = posting;
  request.board_path = request.board_id = kBoard;
  request.lock_czxid = after.lock_czxid + 1;
  request.conductor = Incarnation(entropy_.uuid());
  request.conductor_name = worker_name(options_);
  const auto outcome = file_->database().claim(request, loop_.wall());
  if (!outcome.ok()) return trouble(outcome.error().message);
  if (outcome->verdict != ports::ClaimVerdict::Owned)
    return refused(options_.state + " does not let itself be claimed");
  begin_.job = posting.uuid;
  begin_.flow = outcome->flow;
  begin_.epoch = outcome->epoch;
  begin_.run = outcome->run;
  return std::nullopt;
}

LocalSession::Problem LocalSession::load_claimed() {
  auto snapshot = file_->database().load(begin_.flow, begin_.epoch, loop_.wall());
  if (!snapshot.ok()) return trouble(snapshot.error().message);
  begin_.state = snapshot->state;
  begin_.atoms = std::move(snapshot->atoms);
  begin_.last_seq = snapshot->last_seq;
  for (const auto& order : snapshot->orders)
    if (begins_run(order.order.kind) && !order.taken_at) begin_.asked = order;
  return std::nullopt;
}

// ---- what runs the tasks

LocalSession::Problem LocalSession::load_modules() {
  if (std::exchange(modules_loaded_, true)) return std::nullopt;
  if (const auto loaded = catalogue_.load(options_.modules); !loaded.ok()) return wrong(loaded.error());
  return std::nullopt;
}

LocalSession::Problem LocalSession::load_types() {
  types_ = std::make_unique<local::TaskTypes>();
  auto loaded = types_->load({options_.modules, options_.commands, options_.command_guard},
                             file_ ? file_->lock_descriptor() : -1);
  if (loaded.ok() && add_types_) loaded = add_types_(types_->registry);
  if (!loaded.ok()) return wrong(loaded.error());
  return std::nullopt;
}

LocalSession::Problem LocalSession::check_task_types() const {
  std::string lacking;
  for (AtomIndex atom = 0; atom < begin_.plan->size(); ++atom) {
    if (begin_.plan->kind(atom) != engine::AtomKind::Task) continue;
    const std::string& type = begin_.plan->task(atom).type;
    if (types_->registry.find(type)) continue;
    lacking +=
        "task '" + begin_.plan->name(atom) + "' is of the type '" + type + "', which nothing here can run\n";
    if (lacking.size() > 2'000) break;  // they are all told alike
  }
  if (lacking.empty()) return std::nullopt;
  return wrong(lacking + "  known: " + name_list(types_->registry.types()) +
               "\n  hint: load its module with --module FILE, or name a command with --commands FILE");
}

void LocalSession::make_executor() {
  const local::TaskTypes::Files files{options_.modules, options_.commands, options_.command_guard};
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

void LocalSession::make_keeper() {
  if (file_) {
    keeper_ = std::make_unique<local::StoreKeeper>(*store_);
    return;
  }
  auto memory = std::make_unique<local::MemoryKeeper>(loop_);
  memory_ = memory.get();
  keeper_ = std::move(memory);
}

// ---- the run

Result<std::unique_ptr<engine::Engine>, std::string> LocalSession::try_first_step(
    engine::StepOutput& out) const {
  auto engine = local::make_engine(begin_, catalogue_.retries());
  if (!engine.ok()) return Fail(engine.error().message);
  const auto events = local::first_events(begin_, **engine, slots(), worker_name(options_));
  (*engine)->step(loop_.wall(), events, out);
  return std::move(engine).value();
}

std::uint32_t LocalSession::slots() const {
  return options_.executor == "serial" ? 1 : options_.slots;
}

void LocalSession::drive() {
  BATON_ASSERT(!options_.dry_run);
  make_executor();
  make_keeper();
  local::FlowRun::Listener& listener = *this;
  flow_ = std::make_unique<local::FlowRun>(
      begin_, local::FlowRun::Ports{*keeper_, *tasks_, loop_, loop_, catalogue_.retries()},
      local::FlowRun::Settings{slots(), Incarnation(entropy_.uuid()), worker_name(options_)}, listener);
  flow_->begin();
  if (!lost_.empty()) return;
  notifier_.begin(*flow_->engine());
  watch_progress();
  loop_.run();
}

void LocalSession::stop() {
  if (!flow_ || is_over() || std::exchange(stopping_, true)) return;
  if (file_)
    flow_->suspend("a signal", "told to stop");
  else
    flow_->cancel("a signal", "told to stop");
}

/// Listeners may add one that wants progress at any time; where there are none nobody can.
void LocalSession::watch_progress() {
  if (is_over() || !notifier_.anybody()) return;
  loop_.after(kProgressEvery, [this] {
    if (notifier_.wants_progress()) ask_progress();
    watch_progress();
  });
}

void LocalSession::ask_progress() {
  flow_->progress([this](AtomIndex atom, const worker::TaskProgress& progress) {
    notifier_.tell_progress(*flow_->engine(), atom, progress);
  });
}

void LocalSession::on_facts(const engine::Engine& engine, std::span<const Fact> facts) {
  notifier_.tell(engine, facts);
}

void LocalSession::on_end(FlowState state) {
  end_ = state;
  loop_.stop();
}

void LocalSession::on_lost(const std::string& why) {
  lost_ = why;
  loop_.stop();
}

std::string LocalSession::lost() const {
  return lost_.empty() || !file_ || file_->trouble().empty() ? lost_ : file_->trouble();
}

ports::JobDetail LocalSession::detail() {
  if (file_)
    if (auto shown = file_->database().show(begin_.job); shown.ok()) return std::move(shown).value();
  ports::JobDetail detail;
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

}  // namespace baton::client
