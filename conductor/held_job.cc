#include "conductor/held_job.h"

#include "common/runtime/log.h"
#include "common/runtime/named_uuid.h"

namespace baton::conductor {
namespace {

// Afterwards it is left to who looks for such jobs (removal_notes.h).
constexpr std::uint32_t kMarkRemovedTriesMax = 5;
/// Made once for this purpose; never to be changed, or a forgotten flow would come back as another.
constexpr const char* kFlowSpace = "b3c1f3f2-0c0b-4b0e-9a57-6f6d6a1b7e29";

runtime::Log log_of(const JobId& job) {
  return runtime::Log().with({{"job", job}});
}

/// The same at every claim of this node. Where the database has forgotten a flow whose tasks ran already
/// (H17), it begins anew under its old id: idempotency keys find what was made, tokens refuse what comes
/// late. The board's id keeps installations apart that make things at one vendor.
FlowId flow_of(const ports::BoardJob& job, const std::string& board_id) {
  return FlowId(runtime::named_uuid(*Uuid::parse(kFlowSpace),
                                    board_id + "\n" + job.path + "\n" + job.posting.uuid.value));
}

}  // namespace

HeldJob::HeldJob(ports::BoardClaim claim, ports::BoardJob job, std::shared_ptr<AtomCount> count,
                 JobServices services, HeldJob::Owner& owner)
    : claim_(std::move(claim)),
      job_(std::move(job)),
      count_(std::move(count)),
      with_(services),
      owner_(owner) {}

HeldJob::~HeldJob() = default;

ports::ClaimRequest HeldJob::request() const {
  ports::ClaimRequest request;
  request.new_flow = flow_;
  request.posting = job_.posting;
  request.board_path = job_.path;
  request.board_id = claim_.board_id;
  request.lock_czxid = claim_.lock_czxid;
  request.conductor = with_.self.incarnation;
  request.conductor_name = with_.self.name;
  request.posted_at = job_.posted_at;
  request.take_over_path = take_over_path_;
  return request;
}

HookSubject HeldJob::subject() const {
  return {job_.posting.uuid, job_.posting.name, flow_name_of(job_.posting), job_.posting.priority};
}

void HeldJob::start() {
  flow_ = flow_of(job_, claim_.board_id);
  ask_store();
}

void HeldJob::ask_store() {
  with_.host.store.claim(request(), alive_.guard([this](Result<ports::ClaimOutcome, ports::StoreError> said) {
    claimed(std::move(said));
  }));
}

void HeldJob::store_failed(const ports::StoreError& error) {
  switch (error.code) {
    case ports::StoreErrorCode::OutcomeUnknown:  // the store's trouble, or that of this job alone
      with_.host.lifeline.store_failed(error.message);
      return free(JobEnding::How::Refused, "its claim was not recorded clearly: " + error.message);
    case ports::StoreErrorCode::Unavailable:
      with_.host.lifeline.store_failed(error.message);
      return free(JobEnding::How::Freed, "the store is away: " + error.message);
    case ports::StoreErrorCode::ClaimLost:
      return free(JobEnding::How::Refused, error.message);
    case ports::StoreErrorCode::Unstorable:
    case ports::StoreErrorCode::SchemaMismatch:
    case ports::StoreErrorCode::NotFound:
    case ports::StoreErrorCode::Conflict:
      return free(JobEnding::How::LeftAlone, "the store refuses it: " + error.message);
  }
  BATON_ASSERT(false);
}

void HeldJob::claimed(Result<ports::ClaimOutcome, ports::StoreError> said) {
  if (phase_ != Phase::Claiming) return;
  if (!said.ok()) return store_failed(said.error());
  with_.host.lifeline.store_answered();
  with_.host.time.heard(said->now);
  flow_ = said->flow;
  epoch_ = said->epoch;
  run_ = said->run;
  switch (said->verdict) {
    case ports::ClaimVerdict::Owned:
      return own(*said);
    case ports::ClaimVerdict::AlreadyFinal:  // this run of it: a later one may be at work elsewhere
      return remove(JobEnding::How::Removed);
    case ports::ClaimVerdict::Duplicate:
      return duplicate_of(said->recorded_path);
    case ports::ClaimVerdict::OtherContent:
      return trash_other_content();
    case ports::ClaimVerdict::Refused:
      return free(JobEnding::How::Refused,
                  "the store refuses the claim: it knows a later one, or an earlier run that has not ended");
  }
  BATON_ASSERT(false);
}

/// One uuid on two nodes (PROTOCOL.md H14): the recorded one stays. If it is no longer there, this one takes
/// its place.
void HeldJob::duplicate_of(const std::string& recorded_path) {
  if (owner_.stands_on_board(job_.posting, recorded_path)) {
    log_of(job_.posting.uuid)
        .warning("removed a second node of this job", {{"node", job_.path}, {"kept", recorded_path}});
    phase_ = Phase::Removing;
    return until_done([this](auto done) { with_.board.consume(claim_, std::move(done)); },
                      [this](const auto&) {
                        end({JobEnding::How::Removed, {}, flow_, 0});
                      });
  }
  if (!take_over_path_.empty())
    return free(JobEnding::How::Refused, "another node of this job, " + recorded_path + ", was faster");
  take_over_path_ = recorded_path;
  ask_store();
}

void HeldJob::own(const ports::ClaimOutcome& claim) {
  if (is_final(claim.state)) return remove(JobEnding::How::Finished);
  if (node_gone_) return park();
  if (const auto why = owner_.poison(job_.posting)) return poisoned(*why);
  const runtime::AtWorkOn named(with_.host.marker, job_.posting.uuid.value);
  // A flow that was planned is never judged anew: whoever planned it has understood its posting.
  if (claim.has_plan) return run(nullptr, with_.source.known_options(job_.posting), claim.atoms);
  auto options = with_.source.options(job_.posting);
  if (!options.ok()) return no_plan(options.error());
  auto plan = with_.source.plan(job_.posting);
  if (!plan.ok()) return no_plan(plan.error());
  asked_ = claim.has_orders;
  run(*plan, std::move(options).value(), (*plan)->size());
}

/// The note of the last death may be heard only after the dead one's lock is free.
void HeldJob::poisoned(const std::string& why) {
  log_of(job_.posting.uuid).info("left alone", {{"flow", flow_}, {"why", why}});
  free(JobEnding::How::LeftAlone, why);
}

/// Without a plan: the recorded one.
void HeldJob::run(engine::PlanPtr plan, engine::Options options, std::size_t atoms) {
  if (auto why = owner_.no_room_for(atoms, count_->get()); !why.empty())
    return no_room(atoms, std::move(why));
  count_->set(atoms);
  phase_ = Phase::Working;
  owner_.makes_way_for(*this);
  host_ = std::make_shared<FlowHost>(FlowHost::Identity{job_.posting.uuid, flow_, epoch_, run_, subject()},
                                     std::move(options), count_, with_.host, *this);
  if (!plan) return host_->load();
  asked_ ? host_->begin_loaded(std::move(plan)) : host_->begin(std::move(plan));
}

void HeldJob::no_room(std::size_t atoms, std::string why) {
  log_of(job_.posting.uuid).info("no room", {{"flow", flow_}, {"why", why}});
  free(JobEnding::How::NoRoom, std::move(why));
  ending_.atoms = atoms;
}

void HeldJob::no_plan(const NoPlan& none) {
  if (none.verdict == NoPlan::Verdict::Reject) return refuse(none.why);
  free(JobEnding::How::LeftAlone, none.why.message);
}

/// The reason is remembered before the node goes.
void HeldJob::refuse(const Failure& why) {
  ++with_.host.counters.jobs_refused;
  log_of(job_.posting.uuid).warning("rejected", {{"type", why.type}, {"why", why.message}});
  ports::Refusal refusal{FlowState::Rejected, why};
  HookDesk* const desk = with_.host.hook_desk;
  if (desk) refusal.hook_calls = desk->book().at_end(subject(), {FlowState::Rejected, false, &why});
  with_.host.store.record_refused(
      request(), refusal,
      alive_.guard([this, desk, calls = refusal.hook_calls.size()](Result<void, ports::StoreError> recorded) {
        if (recorded.ok() && calls > 0) desk->recorded(calls);
        if (phase_ != Phase::Claiming) return;
        if (!recorded.ok()) return store_failed(recorded.error());
        remove(JobEnding::How::Finished);
      }));
}

void HeldJob::trash_other_content() {
  const std::string reason = "another job with other content is known under the uuid '" +
                             job_.posting.uuid.value + "'; post this one under a uuid of its own";
  log_of(job_.posting.uuid).warning("trashed a node", {{"node", job_.path}, {"why", reason}});
  with_.host.store.record_unreadable(
      job_.path, reason, alive_.guard([this, reason](Result<void, ports::StoreError> recorded) {
        if (phase_ != Phase::Claiming) return;
        if (!recorded.ok()) return store_failed(recorded.error());
        phase_ = Phase::Removing;
        until_done([this, reason](auto done) { with_.board.trash(claim_, reason, std::move(done)); },
                   [this](const auto&) {
                     end({JobEnding::How::Removed, {}, flow_, 0});
                   });
      }));
}

// ---- the flow's last word

void HeldJob::flow_ended(FlowState state) {
  drop_host();
  ++with_.host.counters.jobs_finished;
  log_of(job_.posting.uuid).info("ended", {{"state", to_string(state)}, {"flow", flow_}, {"epoch", epoch_}});
  remove(JobEnding::How::Finished);
}

void HeldJob::flow_fenced(const std::string& why) {
  drop_host();
  log_of(job_.posting.uuid).info("another conductor owns it", {{"epoch", epoch_}, {"why", why}});
  free(JobEnding::How::Refused, why);
}

void HeldJob::flow_stuck(const std::string& reason) {
  drop_host();
  log_of(job_.posting.uuid).error("left alone", {{"flow", flow_}, {"epoch", epoch_}, {"why", reason}});
  free(JobEnding::How::LeftAlone, reason);
}

/// The host may be the one that calls us: it goes in a later turn.
void HeldJob::drop_host() {
  with_.executor.post([gone = std::exchange(host_, nullptr)] {});
}

/// From here on it steps no more and says nothing.
void HeldJob::stop_host() {
  if (!host_) return;
  host_->stop();
  drop_host();
}

// ---- letting go

void HeldJob::until_done(std::function<void(ports::JobBoard::Done<void>)> operation,
                         ports::JobBoard::Done<void> then) {
  operation(alive_.guard([this, operation, then](Result<void, ports::BoardError> done) {
    if (phase_ == Phase::Ended) return;
    if (done.ok() || done.error().code != ports::BoardErrorCode::Unavailable) return then(done);
    with_.clock.after(with_.host.bounds.claim_retry_pause,
                      alive_.guard([this, operation, then] { until_done(operation, then); }));
  }));
}

void HeldJob::remove(JobEnding::How how) {
  phase_ = Phase::Removing;
  ending_ = {how, {}, flow_, 0};
  until_done([this](auto done) { with_.board.consume(claim_, std::move(done)); },
             [this](const Result<void, ports::BoardError>& done) {
               // The lock is another's: that one finds it final and removes the node.
               const bool gone = done.ok() || done.error().code == ports::BoardErrorCode::JobGone;
               gone ? removed() : end(ending_);
             });
}

void HeldJob::removed() {
  with_.host.store.mark_removed(
      job_.posting.uuid, run_, alive_.guard([this](Result<void, ports::StoreError> marked) {
        if (phase_ == Phase::Ended) return;
        if (marked.ok() || ++mark_tries_ >= kMarkRemovedTriesMax) return end(ending_);
        with_.clock.after(with_.host.bounds.claim_retry_pause, alive_.guard([this] { removed(); }));
      }));
}

void HeldJob::free(JobEnding::How how, std::string reason, Millis later) {
  if (phase_ == Phase::Removing || phase_ == Phase::Freeing || phase_ == Phase::Ended) return;
  phase_ = Phase::Freeing;
  ending_ = {how, std::move(reason), flow_, 0};
  stop_host();
  ++with_.host.counters.jobs_freed;
  if (later.count() == 0) return abandon();
  with_.clock.after(later, alive_.guard([this] { abandon(); }));
}

void HeldJob::abandon() {
  until_done([this](auto done) { with_.board.abandon(claim_, std::move(done)); },
             [this](const auto&) { end(ending_); });
}

void HeldJob::drain() {
  if (!host_) return free(JobEnding::How::Freed, "handed over");
  host_->drain(alive_.guard([this] { free(JobEnding::How::Freed, "handed over"); }));
}

void HeldJob::node_gone() {
  node_gone_ = true;
  if (phase_ == Phase::Working) park();  // while claiming, the store's verdict says whether it has ended
}

void HeldJob::park() {
  const std::string reason = "its node was removed from the board by another though the job has not ended";
  log_of(job_.posting.uuid).warning("parked", {{"flow", flow_}, {"why", reason}});
  free(JobEnding::How::Parked, reason);
}

void HeldJob::lock_gone() {
  if (phase_ != Phase::Working && phase_ != Phase::Claiming) return;
  log_of(job_.posting.uuid).warning("our lock was removed by another", {{"flow", flow_}, {"epoch", epoch_}});
  stop_host();
  end({JobEnding::How::Refused, "our lock was removed by another", flow_, 0});
}

/// Its node is looked at again, as any: its run is final then.
void HeldJob::superseded() {
  free(JobEnding::How::Freed, "a later claim of ours has its flow");
}

void HeldJob::end(JobEnding ending) {
  phase_ = Phase::Ended;
  count_->set(0);
  alive_.renew();
  owner_.job_ended(job_.path, ending);
}

LiveFlow HeldJob::show(bool lists) const {
  LiveFlow live;
  live.job = job_.posting.uuid;
  live.name = job_.posting.name;
  live.board_path = job_.path;
  live.flow = flow_;
  live.epoch = epoch_;
  live.run = run_;
  switch (phase_) {
    case Phase::Claiming:
    case Phase::Working:
      live.phase = "claiming";
      break;
    case Phase::Removing:
      live.phase = "finishing";
      break;
    case Phase::Freeing:
    case Phase::Ended:
      live.phase = "freeing: " + ending_.reason;
      break;
  }
  if (host_) host_->show(live, lists);
  return live;
}

}  // namespace baton::conductor
