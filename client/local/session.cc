#include "client/local/session.h"

#include <utility>

#include "common/model/assert.h"

namespace baton::client {

LocalSession::LocalSession(const RunOptions& options, AddTypes add_types)
    : options_(options), kept_(options_, loop_), tasks_(options_, std::move(add_types)) {
  notifier_.on_progress_wanted([this] { watch_progress(); });
}

LocalSession::~LocalSession() = default;

// ---- the ways to begin

MaybeProblem LocalSession::begin(const FlowFrom& flow_from) {
  if (auto problem = tasks_.load_modules()) return problem;
  const auto flow = flow_from(tasks_.catalogue());
  if (!flow.ok()) return wrong(flow.error());
  begin_.plan = flow->plan;
  if (!options_.state.empty())
    if (auto problem = kept_.open(sqlite::StateFile::IfMissing::Make)) return problem;
  if (auto problem = load_types()) return problem;
  return claim_new(*flow);
}

MaybeProblem LocalSession::go_on() {
  if (auto problem = kept_.open(sqlite::StateFile::IfMissing::Refuse)) return problem;
  if (auto problem = kept_.refuse_not_ours()) return problem;
  if (const auto* job = kept_.job(); is_final(job->state))
    return refused(options_.state + " holds " + kept_.shown() + ", which has ended " +
                   std::string(to_string(job->state)) + "\n  hint: baton rerun --state " + options_.state +
                   " runs it once more");
  return claim_again(kept_.job()->run);
}

MaybeProblem LocalSession::begin_next() {
  if (auto problem = kept_.open(sqlite::StateFile::IfMissing::Refuse)) return problem;
  if (auto problem = kept_.refuse_not_ours()) return problem;
  if (!is_final(kept_.job()->state))
    return refused(options_.state + " holds " + kept_.shown() +
                   ", which has not ended\n  hint: baton resume --state " + options_.state +
                   " goes on with it");
  return claim_again(kept_.job()->run + 1);
}

MaybeProblem LocalSession::begin_or_go_on(const FlowFrom& flow_from) {
  if (auto problem = tasks_.load_modules()) return problem;
  const auto flow = flow_from(tasks_.catalogue());
  if (!flow.ok()) return wrong(flow.error());
  if (auto problem = kept_.open(sqlite::StateFile::IfMissing::Make)) return problem;
  if (kept_.is_of(*flow) && kept_.is_begun()) {
    if (!is_final(kept_.job()->state)) return claim_again(kept_.job()->run);
    end_ = kept_.job()->state;
    posting_ = kept_.posting();
    return kept_.decode_plan(begin_);
  }
  begin_.plan = flow->plan;
  if (auto problem = load_types()) return problem;
  return claim_new(*flow);
}

MaybeProblem LocalSession::claim_new(const LocalFlow& flow) {
  const std::string name = options_.name.empty() ? flow.name : options_.name;
  if (const auto* job = kept_.job()) {
    if (!kept_.is_of(flow) || kept_.is_begun()) return kept_.refuse_held(flow);
    posting_ = kept_.posting();  // it was ended before its first record
    return kept_.claim(posting_, job->epoch, begin_);
  }
  auto posting = Posting::make(JobId(entropy_.uuid().to_string()), name, Priority::Normal, flow.details);
  if (!posting.ok()) return wrong(posting.error().message);
  posting_ = std::move(posting).value();
  posted_at_ = loop_.wall();
  if (kept_.file()) return kept_.claim(posting_, {}, begin_);
  begin_.job = posting_.uuid;
  begin_.flow = FlowId(entropy_.uuid());
  begin_.epoch = {1, 1};
  return std::nullopt;
}

MaybeProblem LocalSession::claim_again(std::uint32_t run) {
  const Posting& kept = kept_.posting();
  auto posting = Posting::make(kept.uuid, kept.name, kept.priority, kept.details, kept.book, run);
  if (!posting.ok()) return refused(posting.error().message);
  posting_ = std::move(posting).value();
  if (auto problem = kept_.decode_plan(begin_)) return problem;
  if (auto problem = tasks_.load_modules()) return problem;
  if (auto problem = load_types()) return problem;
  if (run > kept_.job()->run)
    if (auto problem = kept_.ask_for_next_run()) return problem;
  if (auto problem = kept_.claim(posting_, kept_.job()->epoch, begin_)) return problem;
  return kept_.load_claimed(begin_);
}

MaybeProblem LocalSession::load_types() {
  if (auto problem = tasks_.load_types(kept_.lock_descriptor())) return problem;
  return tasks_.check(*begin_.plan);
}

void LocalSession::make_keeper() {
  if (kept_.file()) {
    keeper_ = std::make_unique<local::StoreKeeper>(kept_.store());
    return;
  }
  auto memory = std::make_unique<local::MemoryKeeper>(loop_);
  memory_ = memory.get();
  keeper_ = std::move(memory);
}

// ---- the run

Result<std::unique_ptr<engine::Engine>, std::string> LocalSession::try_first_step(
    engine::StepOutput& out) const {
  auto engine = local::make_engine(begin_, tasks_.catalogue().retries());
  if (!engine.ok()) return Fail(engine.error().message);
  const auto events = local::first_events(begin_, **engine, tasks_.slots(), runner_name(options_));
  (*engine)->step(loop_.wall(), events, out);
  return std::move(engine).value();
}

void LocalSession::drive() {
  BATON_ASSERT(!options_.dry_run);
  executor_ = tasks_.make_executor(loop_, kept_.lock_descriptor());
  make_keeper();
  local::FlowRun::Listener& listener = *this;
  flow_ = std::make_unique<local::FlowRun>(
      begin_, local::FlowRun::Ports{*keeper_, *executor_, loop_, loop_, tasks_.catalogue().retries()},
      local::FlowRun::Settings{tasks_.slots(), Incarnation(entropy_.uuid()), runner_name(options_)},
      listener);
  flow_->begin();
  if (!lost_.empty()) return;
  notifier_.begin(*flow_->engine());
  watch_progress();
  loop_.run();
}

void LocalSession::stop() {
  if (!flow_ || is_over() || std::exchange(stopping_, true)) return;
  if (kept_.file())
    flow_->suspend("a signal", "told to stop");
  else
    flow_->cancel("a signal", "told to stop");
}

/// While somebody wants it; a listener may be added, or taken away, at any time.
void LocalSession::watch_progress() {
  if (!flow_ || is_over() || !notifier_.wants_progress() || std::exchange(watching_, true)) return;
  loop_.after(kProgressEvery, [this] {
    watching_ = false;
    ask_progress();
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
  return lost_.empty() || !kept_.file() || kept_.file()->trouble().empty() ? lost_ : kept_.file()->trouble();
}

ports::JobDetail LocalSession::detail() {
  if (kept_.file())
    if (auto shown = kept_.file()->database().show(begin_.job); shown.ok()) return std::move(shown).value();
  ports::JobDetail detail;
  auto& about = detail.summary;
  detail.posting = posting_;
  about.uuid = posting_.uuid;
  about.name = posting_.name;
  about.flow = begin_.flow;
  about.flow_name = begin_.plan->flow_name();
  about.state = flow_->engine()->state();
  about.conductor = runner_name(options_);
  about.board_path = kLocalBoard;
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
