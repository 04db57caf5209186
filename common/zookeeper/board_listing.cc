#include "common/zookeeper/board_listing.h"

#include <algorithm>

#include "common/zookeeper/guarded.h"

namespace baton::zookeeper {

using ports::BoardError;

BoardListing::BoardListing(Session& session, BoardPath path, BoardHome& home, BoardClaims& claims)
    : session_(session),
      path_(std::move(path)),
      home_(home),
      claims_(claims),
      strays_(
          std::make_shared<StrayJobs>(session, path_, [this](const std::string& folder, std::size_t jobs) {
            if (listener_) listener_->on_stray(folder, jobs);
          })) {}

void BoardListing::open(ports::JobBoard::Listener& listener) {
  BATON_ASSERT(!listener_);
  listener_ = &listener;
  if (session_.connected()) refresh(true);
}

void BoardListing::close() {
  listener_ = nullptr;
  if (timer_ != 0) session_.clock().cancel(timer_);
  if (pause_timer_ != 0) session_.clock().cancel(pause_timer_);
  timer_ = pause_timer_ = 0;
}

void BoardListing::on_disconnected() {
  if (listener_) listener_->on_disconnected();
}

void BoardListing::on_session_lost() {
  ++listing_;
  under_way_ = again_ = again_full_ = watching_ = first_is_over_ = false;
  entries_.clear();
  path_of_uuid_.clear();
  stuck_told_.clear();
  strays_->forget();
  if (listener_) listener_->on_session_lost();
}

void BoardListing::refresh(bool full) {
  if (!listener_ || !session_.connected()) return;  // on_reconnected() or on_session() comes back here
  if (under_way_) {
    again_ = true;
    again_full_ |= full;
    return;
  }
  if (!full && must_pause()) return;
  under_way_ = true;
  broken_ = false;
  full_ = full;
  ++listing_;
  if (full || timer_ == 0) set_timer(kFullListing);
  home_.ready(
      guarded(weak_from_this(),
              [number = listing_](BoardListing& self, const Result<ports::BoardIdentity, BoardError>& id) {
                if (number != self.listing_) return;
                if (!id.ok()) return self.refused(id.error());
                const bool had_other_folders = id->folders.size() > 1;
                if (self.full_ && self.path_.is_first() && had_other_folders) self.strays_->look();
                self.list();
              }));
}

bool BoardListing::must_pause() {
  if (pause_timer_ != 0) return true;
  const Micros rest = paused_until_ - session_.clock().steady();
  if (rest < Millis{1}) return false;
  pause_timer_ = session_.clock().after(std::chrono::ceil<Millis>(rest),
                                        guarded(weak_from_this(), [](BoardListing& self) {
                                          self.pause_timer_ = 0;
                                          self.refresh(false);
                                        }));
  return true;
}

void BoardListing::list() {
  ++begun_;
  std::function<void()> on_change;
  if (!watching_) {
    watching_ = true;
    on_change = guarded(weak_from_this(), [session = session_.number()](BoardListing& self) {
      if (session != self.session_.number()) return;
      self.watching_ = false;
      self.refresh(false);
    });
  }
  const bool set_watch = static_cast<bool>(on_change);
  session_.children(path_.jobs(),
                    guarded(weak_from_this(),
                            [number = listing_, set_watch](
                                BoardListing& self, const Result<std::vector<std::string>, Error>& names) {
                              if (number != self.listing_) return;
                              if (!names.ok() && set_watch) self.watching_ = false;
                              self.on_names(names);
                            }),
                    std::move(on_change));
}

void BoardListing::on_names(const Result<std::vector<std::string>, Error>& names) {
  if (names.ok()) return compare(*names);
  if (names.error().code != Code::NoNode) return give_up();
  // The whole folder was deleted: no job is left; make it again and watch that one.
  home_.doubt();
  again_ = again_full_ = true;
  compare({});
}

void BoardListing::compare(const std::vector<std::string>& names) {
  paused_until_ = session_.clock().steady() + kPausePerName * names.size();
  Locks locks;
  for (const auto& name : names)
    if (BoardPath::is_lock(name)) locks.insert(path_.job(name.substr(0, name.rfind('.'))));
  std::vector<Event> events;
  std::vector<std::string> unread;
  note_names(names, locks, events, unread);
  note_gone(events);
  note_freed(locks, events);
  const auto is_locked = [&](const std::string& path) { return locks.contains(path); };
  for (auto& path : claims_.lost_locks(is_locked))
    events.emplace_back([path](ports::JobBoard::Listener& listener) { listener.on_claim_lost(path); });
  if (full_) examine_locks(locks);
  const auto number = listing_;
  if (!deliver(events) || number != listing_) return;
  std::sort(unread.begin(), unread.end());  // oldest first
  read(std::move(unread));
}

void BoardListing::note_names(const std::vector<std::string>& names, const Locks& locks,
                              std::vector<Event>& events, std::vector<std::string>& unread) {
  for (const auto& name : names) {
    if (!BoardPath::is_job(name)) continue;
    std::string path = path_.job(name);
    const bool claimed = locks.contains(path);
    Entry& entry = entries_[path];
    const bool changed = entry.job.claimed != claimed;
    if (changed) entry.lock_examined = false;
    entry.seen_in = listing_;
    entry.job.claimed = claimed;
    if (entry.state == Entry::State::Reading) {
      entry.job.path = path;
      unread.push_back(std::move(path));
    } else if (entry.state == Entry::State::Known && changed) {
      events.emplace_back([job = entry.job](ports::JobBoard::Listener& listener) { listener.on_job(job); });
    }
  }
}

void BoardListing::note_gone(std::vector<Event>& events) {
  for (auto it = entries_.begin(); it != entries_.end();) {
    if (it->second.seen_in == listing_) {
      ++it;
      continue;
    }
    if (it->second.state != Entry::State::Reading)
      events.emplace_back(
          [path = it->first](ports::JobBoard::Listener& listener) { listener.on_gone(path); });
    forget(it->second);
    it = entries_.erase(it);
  }
}

void BoardListing::note_freed(const Locks& locks, std::vector<Event>& events) {
  std::erase_if(stuck_told_, [&](const std::string& path) {
    if (locks.contains(path)) return false;
    events.emplace_back([path](ports::JobBoard::Listener& listener) { listener.on_stuck_lock_gone(path); });
    return true;
  });
}

void BoardListing::forget(const Entry& entry) {
  const auto [first, last] = path_of_uuid_.equal_range(entry.job.posting.uuid.value);
  const auto found =
      std::find_if(first, last, [&](const auto& known) { return known.second == entry.job.path; });
  if (found != last) path_of_uuid_.erase(found);
}

/// A known job's lock is looked at once as long as it stands, a lock without a job each time.
void BoardListing::examine_locks(const Locks& locks) {
  for (const auto& path : locks) {
    const auto entry = entries_.find(path);
    if (claims_.ours(path) || stuck_told_.contains(path)) continue;
    if (entry != entries_.end() && std::exchange(entry->second.lock_examined, true)) continue;
    claims_.examine_lock(path, guarded(weak_from_this(), [path](BoardListing& self, const std::string& why) {
                           if (self.stuck_told_.insert(path).second && self.listener_)
                             self.listener_->on_stuck_lock(path, why);
                         }));
  }
}

void BoardListing::read(std::vector<std::string> paths) {
  const auto number = listing_;
  session_.get_many(
      std::move(paths),
      guarded(weak_from_this(),
              [number](BoardListing& self, const std::string& path, const Result<Node, Error>& node) {
                if (number == self.listing_) self.on_node(path, node);
              }),
      guarded(weak_from_this(), [number](BoardListing& self) {
        if (number == self.listing_) self.finish();
      }));
}

void BoardListing::on_node(const std::string& path, const Result<Node, Error>& node) {
  const auto found = entries_.find(path);
  BATON_ASSERT(found != entries_.end());
  if (!node.ok()) {
    // Gone since the listing: never told of, so nobody misses it. Anything else: the next listing reads it.
    if (node.error().code == Code::NoNode)
      entries_.erase(found);
    else
      broken_ = true;
    return;
  }
  Entry& entry = found->second;
  auto posting = Posting::parse(node->data);
  if (!posting.ok()) {
    entry.state = Entry::State::Unreadable;
    deliver({[path, why = posting.error().message](ports::JobBoard::Listener& listener) {
      listener.on_unreadable(path, why);
    }});
    return;
  }
  entry.state = Entry::State::Known;
  entry.job.posting = std::move(posting).value();
  entry.job.czxid = node->stat.czxid;
  entry.job.posted_at = TimePoint{Millis{node->stat.ctime_ms}};
  path_of_uuid_.emplace(entry.job.posting.uuid.value, path);
  deliver({[job = entry.job](ports::JobBoard::Listener& listener) { listener.on_job(job); }});
}

void BoardListing::finish() {
  const bool whole = !std::exchange(broken_, false);
  under_way_ = false;
  if (whole) last_whole_ = begun_;
  if (whole && !is_stale() && listener_) listener_->on_listed();
  if (std::exchange(again_, false))
    refresh(std::exchange(again_full_, false));
  else if (!whole)
    set_timer(kRetry);
}

/// The first listing of a session reads every node, and takes its time: what others have claimed meanwhile
/// would be asked for in vain. The next listing, of names alone, is told instead; once, as a board may change
/// all the time.
bool BoardListing::is_stale() {
  return !std::exchange(first_is_over_, true) && again_;
}

/// No answer. A broken connection is followed by on_reconnected(), a lost session by on_session(), each with
/// a listing; for anything else there is the timer.
void BoardListing::give_up() {
  broken_ = true;
  finish();
}

void BoardListing::refused(const BoardError& error) {
  if (error.code == ports::BoardErrorCode::Refused && listener_) listener_->on_refused(error.message);
  give_up();
}

void BoardListing::set_timer(Millis delay) {
  if (timer_ != 0) session_.clock().cancel(timer_);
  timer_ = 0;
  if (!listener_) return;
  timer_ = session_.clock().after(delay, guarded(weak_from_this(), [](BoardListing& self) {
                                    self.timer_ = 0;
                                    self.refresh(true);
                                  }));
}

/// False: a listener closed the board meanwhile.
bool BoardListing::deliver(const std::vector<Event>& events) {
  for (const auto& event : events) {
    if (!listener_) return false;
    event(*listener_);
  }
  return listener_ != nullptr;
}

std::string BoardListing::find(const JobId& uuid, std::uint32_t run) const {
  const auto [first, last] = path_of_uuid_.equal_range(uuid.value);
  for (auto it = first; it != last; ++it)
    if (entries_.at(it->second).job.posting.run == run) return it->second;
  return {};
}

}  // namespace baton::zookeeper
