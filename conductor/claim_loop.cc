#include "conductor/claim_loop.h"

#include <algorithm>
#include <limits>

#include "common/ports/job_content.h"
#include "common/runtime/log.h"

namespace baton::conductor {

ClaimLoop::ClaimLoop(JobServices services)
    : with_(services),
      candidates_(with_.host.bounds),
      unclaimable_(with_),
      check_(with_.board, with_.host.store, with_.clock, with_.entropy, with_.host.bounds,
             with_.host.counters),
      sweeper_(with_, [this](const std::string& path) { return candidates_.find(path) != nullptr; }),
      missing_(with_, candidates_),
      removals_(with_, candidates_) {}
ClaimLoop::~ClaimLoop() = default;

void ClaimLoop::open() {
  candidates_.self(with_.self.incarnation);
  with_.board.open(*this);
}

void ClaimLoop::conductors(const std::vector<ports::Member>& members) {
  candidates_.conductors(members, with_.clock.steady());
  first_ = is_first(members);
  share_looks();
  pump();
}

/// A stray job may be one that has ended: pruned, it would run again when its folder is listed again.
void ClaimLoop::share_looks() {
  missing_.ours(first_);
  removals_.ours(first_ && strayed_.empty());
}

/// Who does what one conductor of a fleet is enough for.
bool ClaimLoop::is_first(const std::vector<ports::Member>& members) const {
  return !members.empty() && std::all_of(members.begin(), members.end(), [&](const ports::Member& member) {
    return with_.self.incarnation <= member.incarnation;
  });
}

double ClaimLoop::random_share() {
  return static_cast<double>(with_.entropy.below(1'000)) / 1'000.0;
}

// ---- claiming

std::string ClaimLoop::paused() const {
  const auto* first = candidates_.room_kept_for();
  if (auto why = held_back(); !why.empty() || !first) return why;
  return "room is kept for job '" + first->posting.uuid.value + "' (" +
         std::to_string(candidates_.atoms(first->path)) + " atoms), which has waited long for it";
}

std::string ClaimLoop::held_back() const {
  if (draining_) return "draining";
  if (!board_refused_.empty()) return board_refused_;
  if (!connected_ || !listed_) return "the board is away";
  if (!generation_known_) return "the board's generation is not known yet";
  if (!with_.host.lifeline.good()) return with_.host.lifeline.trouble();
  if (with_.host.outbox.full()) return "the queue of messages to workers is full";
  if (held_.size() >= with_.host.bounds.flows_max) return "at the bound of flows held";
  if (with_.host.atoms_held >= with_.host.bounds.atoms_max) return "at the bound of atoms held";
  return {};
}

/// One that is larger than the bound is held alone.
std::string ClaimLoop::no_room_for(std::size_t atoms, std::size_t counted) const {
  const std::size_t others = with_.host.atoms_held - counted, bound = with_.host.bounds.atoms_max;
  if (others == 0 || others + atoms <= bound) return {};
  return "its " + std::to_string(atoms) + " atoms do not fit beside the " + std::to_string(others) +
         " that are held here (bound " + std::to_string(bound) + "): it is claimed when there is room";
}

void ClaimLoop::offer_room() {
  const std::size_t held = with_.host.atoms_held, bound = with_.host.bounds.atoms_max;
  const std::size_t room =
      held == 0 ? std::numeric_limits<std::size_t>::max() : bound - std::min(held, bound);
  candidates_.room(room, with_.clock.steady());
}

bool ClaimLoop::may_ask() const {
  const auto& bounds = with_.host.bounds;
  return asked_.size() < bounds.claims_in_flight_max && held_.size() + asked_.size() < bounds.flows_max &&
         with_.host.atoms_held < bounds.atoms_max;
}

void ClaimLoop::pump() {
  offer_room();
  if (!held_back().empty()) return;
  while (may_ask()) {
    const auto job = candidates_.next(with_.clock.steady(), idle());
    if (!job) break;
    const std::size_t atoms = candidates_.atoms(job->path);
    if (auto why = no_room_for(atoms, 0); !why.empty())
      candidates_.no_room(job->path, atoms, std::move(why), with_.clock.steady());
    else
      claim(*job);
  }
  arm();
}

void ClaimLoop::claim(const ports::BoardJob& job) {
  if (const auto why = poison(job.posting)) return leave_alone(job, *why);
  if (const auto why = with_.source.leave_alone(job.posting)) return unless_recorded(job, *why);
  ask(job);
}

std::optional<std::string> ClaimLoop::poison(const Posting& job) const {
  const auto found = culprits_.find(job.uuid.value);
  if (found == culprits_.end() || found->second.size() < with_.host.bounds.deaths_max) return std::nullopt;
  return std::to_string(found->second.size()) +
         " conductors died within the last hour while they were at work on it: it is tried again when "
         "that is longer ago\n  hint: their logs and core dumps say where; a module of its flow is the first "
         "suspect";
}

/// What cannot be planned here may have been planned elsewhere: then it goes on here as well as anywhere. Or
/// it has ended, and its node is only to be removed.
void ClaimLoop::unless_recorded(const ports::BoardJob& job, const std::string& why) {
  using Known = Result<std::vector<ports::JobSummary>, ports::StoreError>;
  asked_.emplace(job.path, std::make_shared<AtomCount>(with_.host.atoms_held));
  with_.host.store.summaries({job.posting.uuid}, session_.guard([this, job, why](const Known& known) {
    asked_.erase(job.path);
    const bool recorded =
        known.ok() && !known->empty() && (known->front().atoms > 0 || is_final(known->front().state));
    recorded && !draining_ ? ask(job) : leave_alone(job, known.ok() ? why : known.error().message);
    drained_if_empty();
    pump();
  }));
}

void ClaimLoop::leave_alone(const ports::BoardJob& job, const std::string& why) {
  runtime::Log().info("left alone", {{"job", job.posting.uuid}, {"why", why}});
  candidates_.leave_alone(job.path, why, with_.clock.steady(), random_share());
}

void ClaimLoop::ask(const ports::BoardJob& job) {
  auto& count = asked_[job.path] = std::make_shared<AtomCount>(with_.host.atoms_held);
  count->set(candidates_.atoms(job.path));
  with_.board.claim(job.path, session_.guard([this, job](Result<ports::BoardClaim, ports::BoardError> done) {
    auto known = std::move(asked_.extract(job.path).mapped());
    claimed(job, std::move(known), std::move(done));
    drained_if_empty();
    pump();
  }));
}

void ClaimLoop::claimed(const ports::BoardJob& job, std::shared_ptr<AtomCount> count,
                        Result<ports::BoardClaim, ports::BoardError> done) {
  const Micros now = with_.clock.steady();
  if (!done.ok()) {
    switch (done.error().code) {
      case ports::BoardErrorCode::AlreadyClaimed:
      case ports::BoardErrorCode::NotOwner:
        ++with_.host.counters.claims_lost;
        return candidates_.taken(job.path, now);
      case ports::BoardErrorCode::JobGone:
        ++with_.host.counters.claims_lost;
        return candidates_.missed(job.path, now);
      case ports::BoardErrorCode::Refused:
        on_refused(done.error().message);
        return candidates_.retry(job.path, now + with_.host.bounds.claim_retry_pause);
      case ports::BoardErrorCode::SessionLost:  // told to us as a whole, too
      case ports::BoardErrorCode::Unavailable:
      case ports::BoardErrorCode::TooLarge:
        return candidates_.retry(job.path, now + with_.host.bounds.claim_retry_pause);
    }
    BATON_ASSERT(false);
  }
  ++with_.host.counters.jobs_claimed;
  const bool node_stands = candidates_.held(job.path, now);
  std::erase_if(parked_, [&](const ParkedJob& parked) { return parked.job == job.posting.uuid; });
  auto held = std::make_shared<HeldJob>(std::move(done).value(), job, std::move(count), with_, *this);
  const bool fresh = held_.emplace(job.path, held).second;
  BATON_ASSERT(fresh);
  if (!node_stands) held->node_gone();
  if (draining_ || !with_.host.lifeline.good())
    return held->free(JobEnding::How::Freed, draining_ ? "draining" : with_.host.lifeline.trouble());
  held->start();
}

void ClaimLoop::arm() {
  with_.clock.cancel(std::exchange(timer_, 0));
  const auto due = candidates_.due(idle());
  if (!due) return;
  const auto wait = std::chrono::ceil<Millis>(std::max(Micros{0}, *due - with_.clock.steady()));
  timer_ = with_.clock.after(std::max(wait, Millis{1}), alive_.guard([this] {
    timer_ = 0;
    pump();
  }));
}

// ---- what jobs say

/// A path alone proves nothing: after a wipe the board counts from 0 again (PROTOCOL.md H12).
bool ClaimLoop::stands_on_board(const Posting& job, const std::string& path) const {
  const auto* there = candidates_.find(path);
  return there && there->posting.uuid == job.uuid && there->posting.run == job.run &&
         ports::content_of(there->posting) == ports::content_of(job);
}

void ClaimLoop::job_ended(const std::string& path, const JobEnding& ending) {
  const auto found = held_.find(path);
  BATON_ASSERT(found != held_.end());
  const auto job = found->second;
  held_.erase(found);
  with_.executor.post([job] {});  // it is the one that calls us: it goes in a later turn
  const Micros now = with_.clock.steady();
  switch (ending.how) {
    case JobEnding::How::Finished:
    case JobEnding::How::Removed:
      candidates_.taken(path, now);
      break;
    case JobEnding::How::Freed:
      candidates_.retry(path, now + with_.host.bounds.claim_retry_pause);
      break;
    case JobEnding::How::Refused:
      ++with_.host.counters.claims_refused;
      candidates_.refused(path, ending.reason, now, random_share());
      break;
    case JobEnding::How::LeftAlone:
      candidates_.leave_alone(path, ending.reason, now, random_share());
      break;
    case JobEnding::How::NoRoom:
      candidates_.no_room(path, ending.atoms, ending.reason, now);
      break;
    case JobEnding::How::Parked:
      park(*job, ending, path);
      candidates_.missed(path, now);
      break;
  }
  drained_if_empty();
  pump();
}

void ClaimLoop::makes_way_for(const HeldJob& later) {
  const auto found = std::find_if(held_.begin(), held_.end(), [&](const auto& held) {
    return held.second.get() != &later && held.second->works_on(later.flow());
  });
  if (found != held_.end()) found->second->superseded();
}

void ClaimLoop::park(const HeldJob& job, const JobEnding& ending, const std::string& path) {
  parked_.push_back(
      {job.posting().uuid, ending.flow, path, ending.reason, with_.clock.wall(), job.posting().name});
  if (parked_.size() > with_.host.bounds.parked_max) parked_.pop_front();
}

void ClaimLoop::free_all(const std::string& why) {
  runtime::Log().warning("freeing all claims", {{"why", why}, {"claims", held_.size()}});
  const auto jitter = static_cast<std::uint64_t>(with_.host.bounds.free_jitter.count());
  std::vector<std::shared_ptr<HeldJob>> jobs;
  for (const auto& [path, job] : held_) jobs.push_back(job);
  for (const auto& job : jobs)
    job->free(JobEnding::How::Freed, why,
              Millis{static_cast<std::int64_t>(jitter ? with_.entropy.below(jitter) : 0)});
}

void ClaimLoop::another_database(const std::string& what) {
  forget_generation();
  removals_.forget();
  generation_ = 0;
  free_all("another database: " + what);
  if (connected_ && listed_) on_listed();
}

void ClaimLoop::drain(std::function<void()> done) {
  draining_ = true;
  forget_generation();
  drained_ = std::move(done);
  std::vector<std::shared_ptr<HeldJob>> jobs;
  for (const auto& [path, job] : held_) jobs.push_back(job);
  for (const auto& job : jobs) job->drain();
  drained_if_empty();
}

void ClaimLoop::drained_if_empty() {
  if (!draining_ || !held_.empty() || !asked_.empty() || !drained_) return;
  with_.executor.post(std::exchange(drained_, nullptr));
}

// ---- for people

std::vector<LiveFlow> ClaimLoop::flows() const {
  std::vector<LiveFlow> shown;
  for (const auto& [path, job] : held_) shown.push_back(job->show(false));
  return shown;
}

std::optional<LiveFlow> ClaimLoop::flow(const JobId& id) const {
  for (const auto& [path, job] : held_)
    if (job->posting().uuid == id) return job->show(true);
  return std::nullopt;
}

std::vector<LeftAloneJob> ClaimLoop::left_alone() const {
  auto shown = candidates_.left_alone(with_.clock.steady());
  for (const auto& [path, why] : unclaimable_.shown()) {
    LeftAloneJob job;
    if (const auto* posted = candidates_.find(path)) {
      job.job = posted->posting.uuid;
      job.name = posted->posting.name;
    }
    job.board_path = path;
    job.reason = why;
    shown.push_back(std::move(job));
  }
  return shown;
}

std::vector<ParkedJob> ClaimLoop::parked() const {
  auto jobs = missing_.shown();
  for (const auto& ours : parked_) {
    std::erase_if(jobs, [&](const ParkedJob& job) { return job.job == ours.job; });
    jobs.push_back(ours);
  }
  return jobs;
}

}  // namespace baton::conductor
