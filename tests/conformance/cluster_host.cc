// Conductor and workers on the memory adapters, in virtual time (conformance/README.md, `cluster-sim`).
#include "tests/conformance/cluster_nodes.h"
#include "tests/conformance/cluster_posting.h"
#include "tests/conformance/engine_host.h"

namespace baton::conformance {
namespace {

constexpr Millis kPatience{60'000};         // for what a conductor does without being asked
constexpr Millis kSettled{1'000};           // by then workers have been told that all is recorded
constexpr std::uint64_t kWorkersMax = 3;    // each with a slot for every atom
constexpr std::uint64_t kPauseMaxMs = 300;  // longer than a worker's reports are apart
constexpr std::uint64_t kTwiceOneIn = 8;    // messages arrive twice

class ClusterHost final : public EngineHost, public conductor::FlowHooks {
 public:
  ClusterHost(Stage&, std::uint64_t seed);

  End live() override;
  FlowState stored_state() const override { return summary().state; }
  std::map<std::string, AtomRecord> stored_atoms() const override;

 private:
  // conductor::FlowHooks
  std::vector<engine::Event> on_begin(const FlowId&, const engine::Engine&) override;
  std::optional<engine::Event> before_starts(const FlowId&, const engine::Engine&,
                                             const std::vector<Fact>& step_so_far) override;
  std::optional<Failure> before_retry(const FlowId&, AtomIndex retry, Intention call) override {
    return stage_.cast.retry(engine_->plan().name(retry), call);
  }
  std::optional<std::vector<Fact>> cut(const ports::StepWrite&);

  // one life
  void start_processes();
  void end_processes();
  void post();
  End drive();
  std::optional<End> how_it_ended();
  bool wait(const std::string& what, const std::function<bool()>& holds);
  void refused(const Failure&);

  // what must hold besides what the case states
  void check_idle();
  void check_life();
  void check_end();
  void defect(std::string what) { stage_.seen.defects.push_back(std::move(what)); }
  void expect_none(std::uint64_t count, const std::string& what) {
    if (count > 0) defect(std::to_string(count) + " " + what);
  }

  ports::JobSummary summary() const;
  std::optional<conductor::LiveFlow> held() const { return conductor_->inspect().flow(job_); }

  Stage& stage_;
  const JobId job_{"the-case"};
  const ClusterPosting posting_;
  ClusterWorld world_;
  ScriptedCalls calls_;
  memory::MemorySession poster_session_{world_.ensemble};
  memory::MemoryJobBoard poster_{poster_session_, {}};
  std::vector<std::unique_ptr<WorkerNode>> workers_;
  std::unique_ptr<ConductorNode> conductor_;
  std::uint32_t run_ = 0;                   // posted so far
  const engine::Engine* engine_ = nullptr;  // of the life under way
};

ClusterHost::ClusterHost(Stage& stage, std::uint64_t seed)
    : stage_(stage), posting_(posting_of(stage.one)), world_(seed), calls_(stage.cast, seed) {
  stage_.deeds.threads_max = std::max<std::size_t>(stage_.deeds.threads_max, 1);
  world_.broker.set_fates([this](const ports::InboxAddress&, std::string_view) {
    ++stage_.deeds.messages;
    return memory::MemoryBroker::Fate{world_.entropy.below(kTwiceOneIn) == 0 ? 2u : 1u, Millis{0}};
  });
}

// ---- one life

EngineHost::End ClusterHost::live() {
  const bool posts = run_ == 0 || is_final(stored_state());  // else the job is on the board
  start_processes();
  if (posts) post();
  const End end = drive();
  check_life();
  end_processes();
  return end;
}

void ClusterHost::start_processes() {
  const auto count = 1 + world_.entropy.below(kWorkersMax);
  for (std::uint64_t i = 0; i < count; ++i)
    workers_.push_back(std::make_unique<WorkerNode>(world_, calls_, "worker-" + std::to_string(i),
                                                    posting_.task_types, std::max(1u, posting_.tasks)));
  world_.loop.run_until_idle();
  for (const auto& worker : workers_)
    if (!worker->ready()) defect("a worker has not started");
  conductor_ = std::make_unique<ConductorNode>(
      world_, [this](const ports::StepWrite& write) { return cut(write); }, *this);
  world_.loop.run_until_idle();
  if (!conductor_->refused().empty()) defect("the conductor has not started: " + conductor_->refused());
}

/// All at once; deaths are noted, memory is lost.
void ClusterHost::end_processes() {
  conductor_.reset();
  workers_.clear();
  calls_.forget();
  engine_ = nullptr;
}

void ClusterHost::post() {
  const auto posting =
      Posting::make(job_, stage_.one.id, Priority::Normal, posting_.details, std::nullopt, ++run_);
  if (!posting) return defect("it cannot be posted: " + posting.error().message);
  if (run_ > 1) stage_.commits.put_back();
  poster_.post(*posting, [this](const Result<std::string, ports::BoardError>& posted) {
    if (!posted.ok()) defect("it cannot be posted: " + posted.error().message);
  });
}

/// Nothing that runs ends before the loop is idle: what is ready has been started by then.
EngineHost::End ClusterHost::drive() {
  for (;;) {
    world_.loop.run_until_idle();
    if (const auto end = how_it_ended()) return *end;
    check_idle();
    if (!stage_.seen.defects.empty()) return End::Over;
    if (calls_.running() > 0) {
      world_.loop.run_for(Millis{static_cast<std::int64_t>(world_.entropy.below(kPauseMaxMs))});
      calls_.end_some();
    } else {
      wait("the flow stands still in " + std::string(to_string(stored_state())),
           [this] { return calls_.running() > 0 || how_it_ended(); });
    }
  }
}

std::optional<EngineHost::End> ClusterHost::how_it_ended() {
  if (stage_.commits.crashed()) return world_.loop.idle() ? std::optional(End::Crashed) : std::nullopt;
  const auto known = summary();
  if (known.state == FlowState::Suspended) {
    const auto live = held();
    return live && live->state == FlowState::Suspended ? std::optional(End::Over) : std::nullopt;
  }
  if (known.run != run_ || !is_final(known.state)) return std::nullopt;
  if (known.state != FlowState::Rejected) return End::Over;
  refused(known.failure.value_or(Failure{}));
  return End::Refused;
}

bool ClusterHost::wait(const std::string& otherwise, const std::function<bool()>& holds) {
  const bool held = world_.loop.run_until(holds, kPatience);
  if (!held) defect(otherwise);
  return held;
}

void ClusterHost::refused(const Failure& why) {
  engine::FlowError error{{}, why.type, why.message, {}};
  const auto details = why.details.tree();
  if (const auto* object = details.if_object()) {
    error.stage = object->at("stage").as_string();
    for (const auto& symbol : object->at("missing").as_array())
      error.missing.emplace_back(symbol.as_string());
  }
  stage_.seen.error = std::move(error);
}

// ---- inside the conductor's steps

std::vector<engine::Event> ClusterHost::on_begin(const FlowId&, const engine::Engine& engine) {
  if (engine_) defect("a second engine in one life: the conductor has loaded the flow again");
  engine_ = &engine;
  stage_.commits.begin_life(engine.plan());
  stage_.commits.compare("restored", engine.state(),
                         [&](AtomIndex atom) -> const AtomRecord& { return engine.atom(atom); });
  if (engine.state() != FlowState::Suspended && engine.state() != FlowState::Suspending) return {};
  return {engine::ResumeAsked{"the runner", ""}};
}

std::optional<engine::Event> ClusterHost::before_starts(const FlowId&, const engine::Engine& engine,
                                                        const std::vector<Fact>& step_so_far) {
  return stage_.commits.order_due(step_so_far, engine.state());
}

std::optional<std::vector<Fact>> ClusterHost::cut(const ports::StepWrite& write) {
  auto kept = stage_.commits.commit(write.facts);
  if (!stage_.commits.crashed()) return std::nullopt;
  stage_.call_what_was_begun(*engine_);
  return kept;
}

// ---- what must hold besides what the case states

void ClusterHost::check_idle() {
  const auto gauges = conductor_->inspect().gauges();
  expect_none(gauges.waiting, "atoms wait though there is a slot for every one");
  for (const auto& job : conductor_->inspect().left_alone()) defect("left alone: " + job.reason);
}

void ClusterHost::check_life() {
  const auto counters = conductor_->inspect().counters();
  expect_none(counters.handed_back, "deliveries were handed back");
  for (const auto count : counters.unreadable.by_kind)
    expect_none(count, "messages or nodes could not be read");
  expect_none(counters.reloads, "commits were not clear");
  for (const auto& worker : workers_) {
    expect_none(worker->figures().busy, "times a worker was busy");
    expect_none(worker->figures().refused, "deliveries were refused by a worker");
  }
  const auto ended = how_it_ended();
  if (ended == End::Over && is_final(stored_state())) check_end();
}

/// Whoever has ended a flow keeps nothing of it.
void ClusterHost::check_end() {
  const auto& inspect = conductor_->inspect();
  if (!wait("the job is still held, or on the board",
            [&] { return !held() && world_.ensemble.children("/taskflow/jobs").empty(); }))
    return;
  world_.loop.run_for(kSettled);
  expect_none(inspect.gauges().running, "deliveries are open after the end");
  expect_none(inspect.gauges().atoms, "atoms are held after the end");
  for (const auto& worker : inspect.workers())
    expect_none(worker.outstanding, "slots are taken after the end");
  for (const auto& worker : workers_) {
    expect_none(worker->figures().running + worker->figures().queued, "tasks run after the end");
    expect_none(worker->figures().unrecorded, "answers are kept after the end");
  }
}

// ---- what the store has

ports::JobSummary ClusterHost::summary() const {
  const auto known = world_.database->summaries({job_});
  return known->empty() ? ports::JobSummary{} : known->front();
}

std::map<std::string, AtomRecord> ClusterHost::stored_atoms() const {
  std::map<std::string, AtomRecord> atoms;
  const auto detail = world_.database->show(job_);
  if (!detail) return atoms;
  for (const auto& atom : detail->atoms) atoms[atom.name] = atom.record;
  return atoms;
}

}  // namespace

std::unique_ptr<EngineHost> cluster_host(Stage& stage, std::uint64_t seed) {
  return std::make_unique<ClusterHost>(stage, seed);
}

}  // namespace baton::conformance
