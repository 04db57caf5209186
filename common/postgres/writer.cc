#include "common/postgres/writer.h"

#include <boost/asio/post.hpp>
#include <set>
#include <utility>

#include "common/postgres/guilt_search.h"

namespace baton::postgres {
namespace {

using ports::StoreError;
using ports::StoreErrorCode;

bool in_class(const SqlError& error, std::initializer_list<const char*> classes) {
  for (const char* prefix : classes)
    if (error.state.rfind(prefix, 0) == 0) return true;
  return false;
}

constexpr const char* kReadOnly = "25006";

/// A value was refused: class 22 data exception, 23 integrity, 54 program limit exceeded.
bool is_data_error(const SqlError& error) {
  return in_class(error, {"22", "23", "54"});
}
/// The transaction lost against another one: class 40; lock not available.
bool is_lost_race(const SqlError& error) {
  return in_class(error, {"40", "55P03"});
}
/// Tables or functions are not as this program knows them.
bool is_schema_error(const SqlError& error) {
  return in_class(error, {"42", "3F"});
}

std::string told(const SqlError& error) {
  return error.message + (error.state.empty() ? "" : " (SQLSTATE " + error.state + ")");
}

template <class Kind>
std::vector<Kind*> all_of_kind(std::vector<Work>& works) {
  std::vector<Kind*> found;
  for (Work& work : works)
    if (auto* one = std::get_if<Kind>(&work)) found.push_back(one);
  return found;
}

Transaction transaction_of(std::vector<Work>& works, const std::string& origin) {
  Transaction transaction;
  if (std::all_of(works.begin(), works.end(), may_be_lost)) add_no_wait(transaction);
  auto claims = all_of_kind<ClaimWork>(works);
  auto refused = all_of_kind<RefusedWork>(works);
  auto loads = all_of_kind<LoadWork>(works);
  auto steps = all_of_kind<StepWork>(works);
  auto unreadable = all_of_kind<UnreadableWork>(works);
  auto removed = all_of_kind<RemovedWork>(works);
  add_claims(transaction, claims, refused, origin);
  add_loads(transaction, loads);
  add_steps(transaction, steps);
  add_unreadable(transaction, unreadable);
  add_removed(transaction, removed);
  return transaction;
}

}  // namespace

Writer::Writer(boost::asio::io_context& io, SessionSettings settings)
    : io_(io),
      session_(std::make_shared<Session>(io, std::move(settings), *this)),
      removal_timer_(io),
      pause_timer_(io) {}

void Writer::start() {
  session_->start();
}

void Writer::close() {
  closed_ = true;
  session_->close();
  removal_timer_.cancel();
  pause_timer_.cancel();
}

void Writer::submit(Work work) {
  if (session_->away() || queue_.size() >= kQueuedMax) {
    const std::string why = session_->away() ? "Postgres at " + place_of(session_->conninfo()) +
                                                   " does not answer: " + away_because_
                                             : "the queue of writes to Postgres is full";
    auto refused = std::make_shared<Work>(std::move(work));
    return boost::asio::post(io_, [me = weak_from_this(), refused, why] {
      const auto self = me.lock();
      if (self && !self->closed_) finish(*refused, {StoreErrorCode::Unavailable, why});
    });
  }
  const bool can_wait = std::holds_alternative<RemovedWork>(work);
  queue_.push_back(std::move(work));
  can_wait ? delay_removals() : pump_soon();
}

/// A removal waits a moment for company, so that it costs no commit of its own.
void Writer::delay_removals() {
  if (std::exchange(removals_wait_, true)) return;
  removal_timer_.expires_after(kRemovalDelayMax);
  removal_timer_.async_wait([me = weak_from_this()](boost::system::error_code cancelled) {
    const auto self = me.lock();
    if (!self || cancelled || self->closed_) return;
    self->removals_wait_ = false;
    self->removals_are_due_ = true;
    self->pump();
  });
}

/// Not at once: what is submitted in the same turn of the loop shares the commit.
void Writer::pump_soon() {
  if (std::exchange(pump_posted_, true)) return;
  boost::asio::post(io_, [me = weak_from_this()] {
    const auto self = me.lock();
    if (!self || self->closed_) return;
    self->pump_posted_ = false;
    self->pump();
  });
}

void Writer::pump() {
  if (under_way_ || paused_ || closed_ || !session_->open()) return;
  if (const auto batch = next_batch()) run(batch);
}

std::shared_ptr<Writer::Batch> Writer::next_batch() {
  if (!again_.empty()) {
    const auto batch = std::make_shared<Batch>(std::move(again_.front()));
    again_.pop_front();
    return batch;
  }
  const bool only_removals = std::all_of(queue_.begin(), queue_.end(), [](const Work& work) {
    return std::holds_alternative<RemovedWork>(work);
  });
  if (queue_.empty() || (only_removals && !removals_are_due_)) return nullptr;
  removals_are_due_ = false;
  return std::make_shared<Batch>(Batch{take_from_queue(), 0});
}

Writer::Works Writer::take_from_queue() {
  Works taken;
  std::deque<Work> left;
  std::set<std::string> keys;
  std::size_t bytes = 0;
  while (!queue_.empty() && taken.size() < kWorksPerCommitMax) {
    Work work = std::move(queue_.front());
    queue_.pop_front();
    const std::size_t more = bytes_of(work);
    if (!taken.empty() && bytes + more > kBytesPerCommitMax) {
      left.push_back(std::move(work));
      break;
    }
    if (!keys.insert(key_of(work)).second) {
      left.push_back(std::move(work));
      continue;
    }
    bytes += more;
    taken.push_back(std::move(work));
  }
  while (!left.empty()) {
    queue_.push_front(std::move(left.back()));
    left.pop_back();
  }
  return taken;
}

void Writer::run(const std::shared_ptr<Batch>& batch) {
  under_way_ = true;
  auto transaction = std::make_shared<Transaction>(transaction_of(batch->works, session_->origin()));
  session_->run(transaction->take_statements(), kWriteTimeout,
                [me = weak_from_this(), batch, transaction](RunOutcome outcome) {
                  const auto self = me.lock();
                  if (self && !self->closed_) self->ended(batch, *transaction, std::move(outcome));
                });
}

void Writer::ended(const std::shared_ptr<Batch>& batch, const Transaction& transaction, RunOutcome outcome) {
  under_way_ = false;
  switch (outcome.end) {
    case RunOutcome::End::Committed:
      pump_soon();
      return transaction.read(outcome.results);  // the last act: a callback may end the store
    case RunOutcome::End::Unknown:
      pump_soon();
      return fail(std::move(batch->works), StoreErrorCode::OutcomeUnknown,
                  "Postgres at " + place_of(session_->conninfo()) +
                      " did not confirm the commit: " + told(outcome.error));
    case RunOutcome::End::RolledBack:
      return rolled_back(std::move(*batch), outcome.error);
  }
}

void Writer::rolled_back(Batch batch, const SqlError& error) {
  pump_soon();
  if (error.state == kStepsRefused) return refused_steps(std::move(batch), error.detail);
  if (is_lost_race(error) && batch.tries < kRetriesMax) {
    ++batch.tries;
    return again_.push_front(std::move(batch));
  }
  if (is_data_error(error) && batch.works.size() > 1) {
    const auto middle = batch.works.begin() + static_cast<std::ptrdiff_t>(batch.works.size() / 2);
    Batch second{Works(std::make_move_iterator(middle), std::make_move_iterator(batch.works.end())), 0};
    batch.works.erase(middle, batch.works.end());
    again_.push_front(std::move(second));
    return again_.push_front(std::move(batch));
  }
  if (is_data_error(error)) return unstorable(std::move(batch), error);
  if (is_schema_error(error))
    return pause(), fail(std::move(batch.works), StoreErrorCode::SchemaMismatch,
                         "Postgres at " + place_of(session_->conninfo()) +
                             " has other tables than this program knows: " + told(error) +
                             "; 'baton admin migrate' brings them up to date");
  if (error.state == kReadOnly)  // the primary has become a standby; perhaps another host is the primary now
    session_->renew(error);
  else
    pause();
  fail(std::move(batch.works), StoreErrorCode::OutcomeUnknown,
       "Postgres at " + place_of(session_->conninfo()) + " refused a transaction: " + told(error));
}

/// Flows whose rows were not as their step had found them take no part; the others try again.
void Writer::refused_steps(Batch batch, const std::string& flows) {
  Works guilty, others;
  for (Work& work : batch.works) {
    const auto* step = std::get_if<StepWork>(&work);
    const bool named = step && flows.find(step->write.flow.value.to_string()) != std::string::npos;
    (named ? guilty : others).push_back(std::move(work));
  }
  if (guilty.empty())  // cannot be, unless the function was changed
    return fail(std::move(others), StoreErrorCode::OutcomeUnknown,
                "Postgres refused steps of unknown flows: " + flows);
  if (!others.empty()) again_.push_front({std::move(others), batch.tries});
  fail(std::move(guilty), StoreErrorCode::Conflict,
       "the flow's rows in Postgres are not as its step found them (a repeated or stale step); nothing of it "
       "was kept");
}

void Writer::unstorable(Batch batch, const SqlError& error) {
  const std::string message = "Postgres does not take a value: " + told(error);
  const auto* step = std::get_if<StepWork>(&batch.works.front());
  if (!step || !session_->open()) return fail(std::move(batch.works), StoreErrorCode::Unstorable, message);
  under_way_ = true;  // the search has the session for itself
  const auto works = std::make_shared<Works>(std::move(batch.works));
  find_guilty_atom(session_, std::get<StepWork>(works->front()),
                   [me = weak_from_this(), works, message](AtomIndex guilty) {
                     const auto self = me.lock();
                     if (!self || self->closed_) return;
                     self->under_way_ = false;
                     self->pump_soon();
                     finish(works->front(), {StoreErrorCode::Unstorable, message, guilty});
                   });
}

/// The last act of its callers: a callback may end the store.
void Writer::fail(Works works, StoreErrorCode code, const std::string& message) {
  for (Work& work : works) finish(work, {code, message});
}

/// What may come again at once (a full disk, say) must not be tried without end and without pause.
void Writer::pause() {
  paused_ = true;
  pause_timer_.expires_after(kTroublePause);
  pause_timer_.async_wait([me = weak_from_this()](boost::system::error_code cancelled) {
    const auto self = me.lock();
    if (!self || cancelled) return;
    self->paused_ = false;
    self->pump();
  });
}

void Writer::on_open() {
  const std::string before = std::exchange(origin_, session_->origin());
  pump_soon();
  if (!away_because_.empty()) {
    away_because_.clear();
    if (events_.on_reachable) events_.on_reachable(true);
  }
  if (!closed_ && !before.empty() && before != origin_ && events_.on_another_database)
    events_.on_another_database("Postgres at " + place_of(session_->conninfo()) + " was " + before +
                                " (system id/timeline) and is " + origin_ + " now");
}

void Writer::on_away(const SqlError& error) {
  const bool news = away_because_.empty();
  away_because_ = told(error).empty() ? "no connection" : told(error);
  fail_queue(error);
  if (news && !closed_ && events_.on_reachable) events_.on_reachable(false);
}

void Writer::fail_queue(const SqlError& error) {
  Works all;
  for (Batch& batch : std::exchange(again_, {}))
    for (Work& work : batch.works) all.push_back(std::move(work));
  for (Work& work : std::exchange(queue_, {})) all.push_back(std::move(work));
  fail(std::move(all), StoreErrorCode::Unavailable,
       "Postgres at " + place_of(session_->conninfo()) + " does not answer: " + told(error));
}

}  // namespace baton::postgres
