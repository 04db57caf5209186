#include "common/postgres/writer.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "common/postgres/guilt_search.h"

namespace baton::postgres {
namespace {

using ports::StoreErrorCode;

template <class Kind>
std::vector<Kind*> all_of_kind(std::vector<Work>& works) {
  std::vector<Kind*> found;
  for (Work& work : works)
    if (auto* one = std::get_if<Kind>(&work)) found.push_back(one);
  return found;
}

std::vector<std::string_view> jobs_of(const std::vector<ClaimWork*>& claims,
                                      const std::vector<RefusedWork*>& refused,
                                      const std::vector<OrderWork*>& orders) {
  std::vector<std::string_view> jobs;
  for (const ClaimWork* work : claims) jobs.push_back(work->request.posting.uuid.value);
  for (const RefusedWork* work : refused) jobs.push_back(work->request.posting.uuid.value);
  for (const OrderWork* work : orders) jobs.push_back(work->request.job.value);
  return jobs;
}

Transaction transaction_of(std::vector<Work>& works, const std::string& origin, Millis patience) {
  Transaction transaction;
  if (patience > Millis{0}) add_patience(transaction, patience);
  if (std::all_of(works.begin(), works.end(), may_be_lost)) add_no_wait(transaction);
  auto claims = all_of_kind<ClaimWork>(works);
  auto refused = all_of_kind<RefusedWork>(works);
  auto loads = all_of_kind<LoadWork>(works);
  auto orders = all_of_kind<OrderWork>(works);
  auto steps = all_of_kind<StepWork>(works);
  auto unreadable = all_of_kind<UnreadableWork>(works);
  auto removed = all_of_kind<RemovedWork>(works);
  auto proofs = all_of_kind<ProofWork>(works);
  auto meetings = all_of_kind<MeetWork>(works);
  auto sweeps = all_of_kind<SweepWork>(works);
  auto marks = all_of_kind<MarkWork>(works);
  auto flow_files = all_of_kind<FlowFileWork>(works);
  add_meetings(transaction, meetings, origin);
  add_marks(transaction, marks, origin);
  add_sweeps(transaction, sweeps);
  add_new_job_locks(transaction, jobs_of(claims, refused, orders));
  add_claims(transaction, claims, refused, origin);
  add_orders(transaction, orders);
  add_loads(transaction, loads);
  add_steps(transaction, steps);
  add_unreadable(transaction, unreadable);
  add_removed(transaction, removed);
  add_flow_files_put(transaction, flow_files);
  add_proofs(transaction, proofs);
  return transaction;
}

}  // namespace

Millis patience_for(const std::vector<Work>& works) {
  std::size_t bytes = 0;
  for (const Work& work : works) bytes += bytes_of(work);
  if (bytes <= kBytesPerCommitMax) return Millis{0};
  const Millis patience = kPatiencePerMib * static_cast<Millis::rep>(bytes / kMiB);
  const bool loads = std::any_of(works.begin(), works.end(),
                                 [](const Work& work) { return std::holds_alternative<LoadWork>(work); });
  return loads ? std::min(patience, kLoadPatienceMax) : patience;
}

Writer::Writer(boost::asio::io_context& io, SessionSettings settings)
    : io_(io),
      session_(std::make_shared<Session>(io, std::move(settings), *this)),
      removal_timer_(io),
      pause_timer_(io) {}

void Writer::start() {
  if (!std::exchange(started_, true)) session_->start();
}

void Writer::close() {
  closed_ = true;
  session_->close();
  removal_timer_.cancel();
  pause_timer_.cancel();
}

void Writer::submit(Work work) {
  start();
  const bool proof = std::holds_alternative<ProofWork>(work);
  const bool refused_as_away = proof ? session_->away() : away();
  if (refused_as_away || queue_.full()) {
    const std::string why = refused_as_away ? place() + " does not answer: " + away_because_
                                            : "the queue of writes to Postgres is full";
    auto refused = std::make_shared<Work>(std::move(work));
    return boost::asio::post(io_, [me = weak_from_this(), refused, why] {
      const auto self = me.lock();
      if (self && !self->closed_) finish(*refused, {StoreErrorCode::Unavailable, why});
    });
  }
  const bool can_wait = std::holds_alternative<RemovedWork>(work);
  queue_.push(std::move(work));
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
    self->queue_.removals_are_due();
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
  if (!away_because_.empty() && queue_.empty())
    queue_.push(ProofWork{[](const Result<void, ports::StoreError>&) {}});
  if (const auto batch = next_batch()) run(batch);
}

std::shared_ptr<Writer::Batch> Writer::next_batch() {
  if (!again_.empty()) {
    const auto batch = std::make_shared<Batch>(std::move(again_.front()));
    again_.pop_front();
    return batch;
  }
  if (!queue_.is_due()) return nullptr;
  return std::make_shared<Batch>(Batch{queue_.take(works_max_), 0});
}

void Writer::run(const std::shared_ptr<Batch>& batch) {
  under_way_ = true;
  const Millis more = patience_for(batch->works);
  const Millis patience = more > Millis{0} ? session_->statement_timeout() + more : more;
  auto transaction =
      std::make_shared<Transaction>(transaction_of(batch->works, session_->origin(), patience));
  session_->run(transaction->take_statements(), kWriteTimeout + more,
                [me = weak_from_this(), batch, transaction](RunOutcome outcome) {
                  const auto self = me.lock();
                  if (self && !self->closed_) self->ended(batch, *transaction, std::move(outcome));
                });
}

/// The last act of each branch is the one that calls back: a callback may end the store.
void Writer::ended(const std::shared_ptr<Batch>& batch, const Transaction& transaction, RunOutcome outcome) {
  under_way_ = false;
  pump_soon();
  switch (outcome.end) {
    case RunOutcome::End::Committed:
      return committed(*batch, transaction, outcome);
    case RunOutcome::End::Unknown:
      return end_unknown(std::move(*batch), outcome.error);
    case RunOutcome::End::RolledBack:
      return rolled_back(std::move(*batch), outcome.error);
  }
}

void Writer::committed(Batch& batch, const Transaction& transaction, const RunOutcome& outcome) {
  const bool news = !away_because_.empty();
  away_because_.clear();
  unknown_in_a_row_ = failed_alone_in_a_row_ = 0;
  works_max_ = std::min(works_max_ * 2, kWorksPerCommitMax);
  // A proof may fit where a work does not (a full disk).
  if (!std::all_of(batch.works.begin(), batch.works.end(),
                   [](const Work& work) { return std::holds_alternative<ProofWork>(work); }))
    pause_ = Millis{0};
  transaction.read(outcome.results);
  load_the_weighed(batch);
  if (news && !closed_ && events_.on_reachable) events_.on_reachable(true);
}

void Writer::load_the_weighed(Batch& batch) {
  for (Work& work : batch.works) {
    const auto* load = std::get_if<LoadWork>(&work);
    if (load && load->done) queue_.push(std::move(work));
  }
}

/// Smaller ones next: a work that costs the connection each time must not take others with it for ever.
void Writer::end_unknown(Batch batch, const SqlError& error) {
  works_max_ = std::max<std::size_t>(works_max_ / 4, 1);
  if (++unknown_in_a_row_ >= kTroublesMax) pause();
  Works repeatable, others;
  for (Work& work : batch.works)
    (may_be_lost(work) && batch.tries == 0 ? repeatable : others).push_back(std::move(work));
  one_by_one(std::move(repeatable), 1);
  fail(std::move(others), StoreErrorCode::OutcomeUnknown,
       place() + " did not confirm the commit: " + told(error));
}

void Writer::rolled_back(Batch batch, const SqlError& error) {
  const ErrorKind kind = kind_of(error);
  switch (kind) {
    case ErrorKind::StepsRefused:
      return refused_steps(std::move(batch), error.detail);
    case ErrorKind::LostRace:
      return lost_race(std::move(batch), error);
    case ErrorKind::Value:
      return refused_value(std::move(batch), error);
    case ErrorKind::Schema:
      pause();
      return fail(std::move(batch.works), StoreErrorCode::SchemaMismatch,
                  place() + " has other tables than this program knows: " + told(error) +
                      "; 'baton admin migrate' brings them up to date");
    case ErrorKind::ReadOnly:  // perhaps another host is the primary now
      session_->renew(error);
      return fail(std::move(batch.works), StoreErrorCode::OutcomeUnknown,
                  place() + " refused a transaction: " + told(error));
    case ErrorKind::Slow:
    case ErrorKind::Server:
      return failed_somehow(std::move(batch), error, kind);
  }
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

void Writer::lost_race(Batch batch, const SqlError& error) {
  if (batch.tries < kRetriesMax) {
    ++batch.tries;
    return again_.push_front(std::move(batch));
  }
  if (batch.works.size() > 1) return one_by_one(std::move(batch.works), 0);
  fail(std::move(batch.works), StoreErrorCode::Conflict,
       "another session's transaction was in the way " + std::to_string(kRetriesMax + 1) +
           " times; nothing was kept: " + told(error));
}

void Writer::refused_value(Batch batch, const SqlError& error) {
  if (batch.works.size() == 1) return unstorable(std::move(batch), error);
  const auto middle = batch.works.begin() + static_cast<std::ptrdiff_t>(batch.works.size() / 2);
  Batch second{Works(std::make_move_iterator(middle), std::make_move_iterator(batch.works.end())), 0};
  batch.works.erase(middle, batch.works.end());
  again_.push_front(std::move(second));
  again_.push_front(std::move(batch));
}

void Writer::unstorable(Batch batch, const SqlError& error) {
  const std::string message = "Postgres does not take a value: " + told(error);
  const auto* step = std::get_if<StepWork>(&batch.works.front());
  if (!step) return fail(std::move(batch.works), StoreErrorCode::Unstorable, message);
  under_way_ = true;  // the search has the session for itself
  const auto works = std::make_shared<Works>(std::move(batch.works));
  find_guilty_atom(session_, std::get<StepWork>(works->front()),
                   [me = weak_from_this(), works, message](std::optional<AtomIndex> guilty) {
                     const auto self = me.lock();
                     if (!self || self->closed_) return;
                     self->under_way_ = false;
                     self->pump_soon();
                     if (guilty)
                       return finish(works->front(), {StoreErrorCode::Unstorable, message, *guilty});
                     self->fail(
                         std::move(*works), StoreErrorCode::OutcomeUnknown,
                         message + "; the search for the guilty one was interrupted, nothing was kept");
                   });
}

/// One work's fault, or the server's? Alone each shows.
void Writer::failed_somehow(Batch batch, const SqlError& error, ErrorKind kind) {
  if (batch.works.size() > 1) return one_by_one(std::move(batch.works), 0);
  const bool server = ++failed_alone_in_a_row_ >= kTroublesMax || !away_because_.empty();
  if (kind == ErrorKind::Slow && !server)
    return fail(std::move(batch.works), StoreErrorCode::Conflict,
                place() +
                    " did not get it done in time (another session may hold its rows); nothing was "
                    "kept: " +
                    told(error));
  pause();
  if (server) go_away(told(error));
  fail(std::move(batch.works), StoreErrorCode::OutcomeUnknown,
       place() + " refused a transaction: " + told(error));
}

void Writer::one_by_one(Works works, int tries) {
  for (auto work = works.rbegin(); work != works.rend(); ++work) {
    Batch alone{{}, tries};
    alone.works.push_back(std::move(*work));
    again_.push_front(std::move(alone));
  }
}

/// The last act of its callers: a callback may end the store.
void Writer::fail(Works works, StoreErrorCode code, const std::string& message) {
  for (Work& work : works) finish(work, {code, message});
}

/// What may come again at once (a full disk, say) must not be tried without end and without pause.
void Writer::pause() {
  paused_ = true;
  pause_ = std::clamp(pause_ * 2, kTroublePauseMin, kTroublePauseMax);
  pause_timer_.expires_after(pause_);
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
  if (events_.on_connected) events_.on_connected(session_->server());
  if (!before.empty() && before != origin_) return move_on(before);
  if (!closed_ && events_.on_orders_missed) events_.on_orders_missed();
}

/// Who is told frees its claims first: then the works that end behind it are nobody's any more.
void Writer::move_on(const std::string& from) {
  const auto self = shared_from_this();  // a callback may end the store
  const std::string what = place() + " was " + from + " (system id/timeline) and is " + origin_ + " now";
  Works works = take_waiting();
  if (events_.on_another_database) events_.on_another_database(what);
  if (!closed_)
    fail(std::move(works), StoreErrorCode::OutcomeUnknown,
         what + ": what waited for a commit to the old one was dropped");
}

void Writer::on_notification(std::string_view payload) {
  if (!closed_ && events_.on_notification) events_.on_notification(payload);
}

void Writer::on_away(const SqlError& error) {
  go_away(told(error).empty() ? "no connection" : told(error));
}

void Writer::go_away(const std::string& why) {
  const auto self = shared_from_this();  // a callback may end the store
  const bool news = away_because_.empty();
  away_because_ = why;
  fail(take_waiting(), StoreErrorCode::Unavailable, place() + " does not answer: " + why);
  if (news && !closed_ && events_.on_reachable) events_.on_reachable(false);
}

Writer::Works Writer::take_waiting() {
  Works all;
  for (Batch& batch : std::exchange(again_, {}))
    for (Work& work : batch.works) all.push_back(std::move(work));
  for (Work& work : queue_.take_all()) all.push_back(std::move(work));
  return all;
}

}  // namespace baton::postgres
