#include "conductor/candidates.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace baton::conductor {
namespace {

constexpr double kSpread = 0.1;  // of a pause, so that what was left alone together comes back apart

}  // namespace

/// As left alone, with its reason.
bool Candidates::shown(const Job& job) {
  return (job.state == State::Pausing || job.state == State::NoRoom) && !job.reason.empty();
}

void Candidates::leave(const std::string& path, Job& job) {
  if (job.state == State::Ready) (job.ours ? ready_ : helped_).erase({job.place, path});
  if (job.state == State::Foreign) foreign_.erase({job.since, path});
  if (job.state == State::Pausing) pausing_.erase({job.since, path});
  if (job.state == State::NoRoom) {
    no_room_.erase({job.atoms, path});
    if (job.in_line) in_line_.erase({*job.wants_room_since, path});
    if (kept_for_ == path) kept_for_.clear();
  }
  if (shown(job)) --left_alone_;
}

void Candidates::enter(const std::string& path, Job& job, State state) {
  leave(path, job);
  job.state = state;
  job.freed_meanwhile = job.gone_meanwhile = job.renewed_meanwhile = job.pausing_on = false;
  if (state == State::Ready) {
    job.ours = job.ahead || mine(job.posted.posting.uuid);
    job.place = order_.place(job.posted, job.ours);
    if (job.ahead) job.place.priority = std::numeric_limits<int>::min();
    (job.ours ? ready_ : helped_).insert({job.place, path});
  }
  if (state == State::Foreign) foreign_.insert({job.since, path});
  if (state == State::Pausing) pausing_.insert({job.since, path});
  if (state == State::NoRoom) {
    no_room_.insert({job.atoms, path});
    job.in_line = mine(job.posted.posting.uuid);
    if (job.in_line) in_line_.insert({*job.wants_room_since, path});
  }
  if (state == State::Pausing || state == State::Taken) job.wants_room_since.reset();
  if (state != State::Ready) job.ahead = false;
  if (shown(job)) ++left_alone_;
}

void Candidates::offer(const std::string& path, Job& job, Micros now) {
  leave(path, job);
  job.state = State::New;
  job.since = now;
  enter(path, job, mine(job.posted.posting.uuid) ? State::Ready : State::Foreign);
}

void Candidates::conductors(const std::vector<ports::Member>& members, Micros now) {
  const std::vector<Incarnation> before = order_.conductors();
  order_.conductors(members);
  for (auto& [path, job] : jobs_)
    if (job.state == State::Ready || job.state == State::Foreign) {
      const Micros since = job.since;
      const bool ours = mine(job.posted.posting.uuid);
      leave(path, job);
      job.state = State::New;
      job.since = since;
      enter(path, job, ours ? State::Ready : State::Foreign);
    } else if (job.state == State::NoRoom && job.in_line != mine(job.posted.posting.uuid)) {
      enter(path, job, State::NoRoom);
    }
  const auto& now_there = order_.conductors();
  const bool all_there = std::all_of(before.begin(), before.end(), [&](const Incarnation& one) {
    return std::find(now_there.begin(), now_there.end(), one) != now_there.end();
  });
  if (!all_there) conductor_ended(now);
}

/// What it held may be among those that have seemed to be tried in vain; and it runs nowhere until somebody
/// takes it over, so that no room is kept for a while.
void Candidates::conductor_ended(Micros now) {
  conductor_ended_ = now;
  kept_for_.clear();
  rest_until_ = std::max(rest_until_, now + bounds_.room_patience);
  for (auto& [path, job] : jobs_)
    if (job.pausing_on) offer(path, job, now);
}

/// It tried in vain, so that our own trouble with it stands and our pause goes on; or it has died with it.
void Candidates::let_go_by_other(const std::string& path, Job& job, Micros now) {
  const bool died = conductor_ended_ && now - *conductor_ended_ < bounds_.conductor_end_seen;
  if (job.tries == 0 || job.since <= now || died) return offer(path, job, now);
  enter(path, job, State::Pausing);
  job.pausing_on = true;
}

void Candidates::seen(const ports::BoardJob& posted, Micros now) {
  if (posted.path == lost_race_) lost_race_.clear();
  Job& job = jobs_[posted.path];
  switch (job.state) {
    case State::Held:
    case State::Asked:
      job.posted = posted;
      job.freed_meanwhile = !posted.claimed;
      if (std::exchange(job.gone_meanwhile, false)) job.renewed_meanwhile = true;
      return;
    case State::Pausing:
    case State::NoRoom:
      if (posted.claimed) enter(posted.path, job, State::Taken);
      return;
    case State::Ready:
    case State::Foreign:
      if (posted.claimed) enter(posted.path, job, State::Taken);
      return;
    case State::New:
    case State::Taken:
      job.posted = posted;
      if (posted.claimed) return enter(posted.path, job, State::Taken);
      if (job.state == State::Taken) return let_go_by_other(posted.path, job, now);
      return offer(posted.path, job, now);
  }
}

void Candidates::gone(const std::string& path) {
  if (path == lost_race_) lost_race_.clear();
  const auto found = jobs_.find(path);
  if (found == jobs_.end()) return;
  Job& job = found->second;
  if (job.state == State::Asked || job.state == State::Held) {
    job.gone_meanwhile = true;
    job.renewed_meanwhile = false;
    return;
  }
  leave(path, job);
  jobs_.erase(found);
}

void Candidates::clear() {
  jobs_.clear();
  ready_.clear();
  helped_.clear();
  lost_race_.clear();
  foreign_.clear();
  pausing_.clear();
  no_room_.clear();
  in_line_.clear();
  kept_for_.clear();
  left_alone_ = 0;
}

/// What we know of others' claims is late: who has just lost a race would lose the next ones, too.
void Candidates::note_race_lost(const std::string& path, const Job& job) {
  const bool told = job.posted.claimed || job.freed_meanwhile;
  if (job.state == State::Asked && !job.ours && !told) lost_race_ = path;
}

/// Whose head is next; null: nothing is, or only others' while we help nobody. No priority waits for a lower
/// one.
const std::set<Candidates::Order>* Candidates::next_in_line() const {
  const auto* const own = ready_.empty() ? nullptr : &ready_;
  if (helped_.empty() || (own && *own->begin() < *helped_.begin())) return own;
  const auto priority = [](const std::set<Order>& line) { return std::get<0>(*line.begin()).priority; };
  const bool help = lost_race_.empty() || (own && priority(helped_) < priority(*own));
  return help ? &helped_ : own;
}

std::optional<ports::BoardJob> Candidates::next(Micros now, bool idle) {
  while (!pausing_.empty() && pausing_.begin()->first <= now) {
    const std::string path = pausing_.begin()->second;
    enter(path, jobs_.at(path), State::Ready);
  }
  // Idle means nothing of our own to do: whoever has some waits the longer delay.
  const Millis delay = foreign_delay(idle && none_ready());
  while (!foreign_.empty() && foreign_.begin()->first + delay <= now) {
    const std::string path = foreign_.begin()->second;
    enter(path, jobs_.at(path), State::Ready);
  }
  const auto* line = next_in_line();
  if (!line || !kept_for_.empty()) return std::nullopt;
  const std::string path = std::get<1>(*line->begin());
  Job& job = jobs_.at(path);
  enter(path, job, State::Asked);
  return job.posted;
}

std::optional<Micros> Candidates::due(bool idle) const {
  if (!kept_for_.empty()) return kept_until();
  std::optional<Micros> due;
  if (!pausing_.empty()) due = pausing_.begin()->first;
  if (!foreign_.empty()) {
    const Micros foreign = foreign_.begin()->first + foreign_delay(idle && none_ready());
    due = due ? std::min(*due, foreign) : foreign;
  }
  return due;
}

bool Candidates::held(const std::string& path, Micros now) {
  const auto found = jobs_.find(path);
  BATON_ASSERT(found != jobs_.end());
  Job& job = found->second;
  const bool gone = job.gone_meanwhile, renewed = job.renewed_meanwhile;
  enter(path, job, State::Held);
  job.since = now;
  job.gone_meanwhile = gone;
  job.renewed_meanwhile = renewed;
  return !gone && !renewed;
}

/// Null: its node is gone, it was forgotten.
Candidates::Job* Candidates::let_go(const std::string& path) {
  const auto found = jobs_.find(path);
  BATON_ASSERT(found != jobs_.end());
  Job& job = found->second;
  BATON_ASSERT(job.state == State::Asked || job.state == State::Held);
  if (!job.gone_meanwhile) return &job;
  jobs_.erase(found);
  return nullptr;
}

void Candidates::taken(const std::string& path, Micros now) {
  Job* job = let_go(path);
  if (!job) return;
  note_race_lost(path, *job);
  if (!job->freed_meanwhile) return enter(path, *job, State::Taken);
  job->reason.clear();  // the tries stand: what another's hold says of ours is nothing
  job->since = now + bounds_.claim_retry_pause;
  enter(path, *job, State::Pausing);
}

void Candidates::missed(const std::string& path, Micros now) {
  Job* job = let_go(path);
  if (!job) return;
  if (job->renewed_meanwhile) return retry(path, now);
  note_race_lost(path, *job);
  jobs_.erase(path);
}

void Candidates::retry(const std::string& path, Micros at) {
  Job* job = let_go(path);
  if (!job) return;
  job->reason.clear();
  job->tries = 0;
  job->since = at;
  enter(path, *job, State::Pausing);
}

void Candidates::refused(const std::string& path, std::string reason, Micros now, double jitter) {
  Job* job = let_go(path);
  if (!job) return;
  const bool held_long = job->state == State::Held && now - job->since >= bounds_.left_alone_max;
  if (held_long) job->tries = 0;
  job->reason = job->tries + 1 < bounds_.refusals_shown_after ? "" : std::move(reason);
  pause(path, *job, bounds_.claim_retry_pause, now, jitter);
}

void Candidates::leave_alone(const std::string& path, std::string reason, Micros now, double jitter) {
  Job* job = let_go(path);
  if (!job) return;
  job->reason = std::move(reason);
  pause(path, *job, bounds_.left_alone_first, now, jitter);
}

/// It doubles with each try.
void Candidates::pause(const std::string& path, Job& job, Millis first, Micros now, double jitter) {
  const std::uint32_t doublings = std::min<std::uint32_t>(job.tries, 20);
  ++job.tries;
  const Millis pause = std::min(bounds_.left_alone_max, first * (1 << doublings));
  const auto spread =
      static_cast<std::int64_t>(jitter * kSpread * static_cast<double>(Micros(pause).count()));
  job.since = now + pause + Micros(spread);
  enter(path, job, State::Pausing);
}

void Candidates::no_room(const std::string& path, std::size_t atoms, std::string reason, Micros now) {
  Job* job = let_go(path);
  if (!job) return;
  job->reason = std::move(reason);
  job->atoms = atoms;
  if (!job->wants_room_since) job->wants_room_since = now;
  enter(path, *job, State::NoRoom);
}

/// Empty: none. Small ones that come again and again would take each bit of room before a large one's is
/// there. Ours only: the other conductors go on meanwhile.
std::string Candidates::first_in_line(Micros now) {
  if (!kept_for_.empty() && now < kept_until()) return kept_for_;
  if (!kept_for_.empty()) keep_no_longer(now);
  if (in_line_.empty()) kept_in_vain_ = 0;
  if (in_line_.empty() || now < rest_until_) return {};
  const auto& [since, path] = *in_line_.begin();
  if (now - since < bounds_.room_patience) return {};
  kept_for_ = path;
  kept_since_ = room_grew_ = now;
  return path;
}

/// Where nothing that is held ends it is given up early.
Micros Candidates::kept_until() const {
  return std::min(kept_since_ + bounds_.room_kept_max, room_grew_ + bounds_.room_patience);
}

/// What is held does not end, or not soon enough: no reason to do nothing else. The rest is never shorter
/// than the time for which room was kept, so that the others are claimed at least half of the time.
void Candidates::keep_no_longer(Micros now) {
  const Micros doubled = bounds_.room_patience * (1 << std::min<std::uint32_t>(kept_in_vain_++, 20));
  const Micros rest = std::max(doubled, kept_until() - kept_since_);
  rest_until_ = now + std::min<Micros>(bounds_.room_rest_max, rest);
  const std::string path = kept_for_;
  Job& job = jobs_.at(path);
  leave(path, job);
  job.state = State::New;
  job.wants_room_since = now;
  enter(path, job, State::NoRoom);
}

const ports::BoardJob* Candidates::room_kept_for() const {
  return kept_for_.empty() ? nullptr : &jobs_.at(kept_for_).posted;
}

void Candidates::room(std::size_t atoms, Micros now) {
  if (atoms > std::exchange(room_, atoms)) room_grew_ = now;
  if (const std::string first = first_in_line(now); !first.empty()) {
    Job& job = jobs_.at(first);
    if (job.atoms > atoms) return;
    atoms -= job.atoms;
    kept_in_vain_ = 0;
    leave(first, job);
    job.state = State::New;
    job.ahead = true;
    enter(first, job, State::Ready);
  }
  while (!no_room_.empty() && no_room_.begin()->first <= atoms) {
    const auto [wanted, path] = *no_room_.begin();
    atoms -= wanted;
    enter(path, jobs_.at(path), State::Ready);
  }
}

std::size_t Candidates::atoms(const std::string& path) const {
  const auto found = jobs_.find(path);
  return found == jobs_.end() ? 0 : found->second.atoms;
}

const ports::BoardJob* Candidates::find(const std::string& path) const {
  const auto found = jobs_.find(path);
  return found == jobs_.end() || found->second.gone_meanwhile ? nullptr : &found->second.posted;
}

void Candidates::each(const std::function<void(const ports::BoardJob&)>& look) const {
  for (const auto& [path, job] : jobs_) look(job.posted);
}

std::vector<LeftAloneJob> Candidates::left_alone(Micros now) const {
  std::vector<LeftAloneJob> list;
  const auto show = [&](const std::string& path, Micros wait) {
    const Job& job = jobs_.at(path);
    if (!shown(job) || list.size() >= bounds_.left_alone_shown_max) return;
    list.push_back({job.posted.posting.uuid, job.posted.posting.name, path, job.reason, job.tries,
                    std::chrono::duration_cast<Millis>(std::max(Micros{0}, wait))});
  };
  for (const auto& [atoms, path] : no_room_) show(path, Micros{0});
  for (const auto& [until, path] : pausing_) show(path, until - now);
  return list;
}

}  // namespace baton::conductor
