#include "common/memory/flow_store.h"

#include "common/model/assert.h"

namespace baton::memory {

using ports::StoreError;
using ports::StoreErrorCode;

namespace {

StoreError away() {
  return {StoreErrorCode::Unavailable, "the store does not answer"};
}

StoreError no_commit() {
  return {StoreErrorCode::OutcomeUnknown, "the store refused a transaction"};
}

}  // namespace

MemoryFlowStore::MemoryFlowStore(ports::Executor& executor, const ports::Clock& clock,
                                 std::shared_ptr<FlowDatabase> database)
    : MemoryFlowStore(executor, clock, std::move(database), std::make_shared<DirectLink>(executor)) {}

MemoryFlowStore::MemoryFlowStore(ports::Executor& executor, const ports::Clock& clock,
                                 std::shared_ptr<FlowDatabase> database, std::shared_ptr<Link> link)
    : executor_(executor), clock_(clock), database_(std::move(database)), link_(std::move(link)) {}

void MemoryFlowStore::lose_next_reply(LostReply how) {
  lose_next_ = how;
}

void MemoryFlowStore::later(std::function<void()> task) {
  executor_.post([alive = std::weak_ptr(alive_), task = std::move(task)] {
    if (!alive.expired()) task();
  });
}

void MemoryFlowStore::listen(Listener& listener) {
  listener_ = &listener;
  const std::weak_ptr<const bool> alive(alive_);
  database_->on_order(alive, [this, alive](const FlowId& flow) {
    if (away_) return;
    link_->to_client([this, alive, flow] {
      if (!alive.expired()) listener_->on_order(flow);
    });
  });
}

void MemoryFlowStore::lose_connection() {
  for (auto& [number, unknown] : std::exchange(under_way_, {})) later(std::move(unknown));
  if (!away_) later([this] { tell_missed(); });
}

/// What was recorded while nothing of it could arrive.
void MemoryFlowStore::tell_missed() {
  if (listener_) listener_->on_orders_missed();
}

void MemoryFlowStore::become_another(const std::string& what) {
  executor_.post([this, alive = std::weak_ptr(alive_), what] {
    if (!alive.expired() && listener_) listener_->on_another_database(what);
  });
}

void MemoryFlowStore::set_away(bool is_away) {
  if (std::exchange(away_, is_away) == is_away) return;
  if (is_away) lose_connection();
  later([this, is_away] {
    if (listener_) listener_->on_reachable(!is_away);
    if (!is_away) tell_missed();
  });
}

template <class T>
void MemoryFlowStore::ask(Act<T> act, Done<T> done, StoreErrorCode if_lost, std::optional<LostReply> lose) {
  if (away_) return later([done = std::move(done)] { done(Fail(away())); });
  const auto unknown = [done, if_lost] {
    done(Fail(StoreError{if_lost, "the connection was lost: nobody knows what was done"}));
  };
  const std::uint64_t number = ++last_number_;
  under_way_.emplace(number, unknown);
  link_->to_server([this, act = std::move(act), done, unknown, lose, number, link = link_, clock = &clock_,
                    database = database_, alive = std::weak_ptr(alive_)] {
    std::optional<Result<T, StoreError>> outcome;
    if (lose != LostReply::NotApplied) outcome = act(*database, clock->wall());
    link->to_client([this, alive, done, unknown, lose, number, outcome = std::move(outcome)] {
      if (alive.expired() || under_way_.erase(number) == 0) return;
      lose ? unknown() : done(*outcome);
    });
  });
}

template <class T>
void MemoryFlowStore::read(Act<T> act, Done<T> done) {
  ask<T>(std::move(act), std::move(done), StoreErrorCode::Unavailable);
}

template <class T>
void MemoryFlowStore::write(Act<T> act, Done<T> done) {
  if (refuse_commits_ && !away_) return later([done = std::move(done)] { done(Fail(no_commit())); });
  ask<T>(std::move(act), std::move(done), StoreErrorCode::OutcomeUnknown,
         std::exchange(lose_next_, std::nullopt));
}

void MemoryFlowStore::check(Done<void> done) {
  read<void>(
      [refuses = refuse_commits_](FlowDatabase&, TimePoint) {
        if (refuses)
          return Result<void, StoreError>(Fail(StoreError{StoreErrorCode::Unavailable, no_commit().message}));
        return Result<void, StoreError>();
      },
      std::move(done));
}
/// These five may be asked for again, whatever became of them: a lost reply is only no answer.
void MemoryFlowStore::meet_board(const std::string& board_id, std::uint32_t noted,
                                 Done<ports::BoardStanding> done) {
  read<ports::BoardStanding>(
      [board_id, noted](FlowDatabase& db, TimePoint) { return db.meet_board(board_id, noted); },
      std::move(done));
}
void MemoryFlowStore::mark_board(const std::string& board_id, std::int32_t version, Done<void> done) {
  read<void>([board_id, version](FlowDatabase& db, TimePoint) { return db.mark_board(board_id, version); },
             std::move(done));
}
void MemoryFlowStore::take_sweep(const ports::Sweep& sweep, Done<ports::SweepTurn> done) {
  read<ports::SweepTurn>([sweep](FlowDatabase& db, TimePoint now) { return db.take_sweep(sweep, now); },
                         std::move(done));
}
void MemoryFlowStore::end_sweep(const ports::Sweep& sweep, Done<void> done) {
  read<void>([sweep](FlowDatabase& db, TimePoint now) { return db.end_sweep(sweep, now); }, std::move(done));
}
void MemoryFlowStore::unfinished(const std::vector<std::string>& folders, std::uint64_t after,
                                 std::uint32_t limit, Done<ports::UnfinishedPage> done) {
  read<ports::UnfinishedPage>(
      [folders, after, limit](FlowDatabase& db, TimePoint) { return db.unfinished(folders, after, limit); },
      std::move(done));
}
void MemoryFlowStore::claim(const ports::ClaimRequest& request, Done<ports::ClaimOutcome> done) {
  if (doubted_claim_ && doubted_claim_(request))
    return later([done = std::move(done)] { done(Fail(no_commit())); });
  write<ports::ClaimOutcome>([request](FlowDatabase& db, TimePoint now) { return db.claim(request, now); },
                             std::move(done));
}
void MemoryFlowStore::load(FlowId flow, Epoch epoch, Done<ports::FlowSnapshot> done) {
  if (refuse_loads_) return later([done = std::move(done)] { done(Fail(away())); });
  read<ports::FlowSnapshot>(
      [flow, epoch](FlowDatabase& db, TimePoint now) { return db.load(flow, epoch, now); }, std::move(done));
}
void MemoryFlowStore::append(ports::StepWrite step, Done<void> done) {
  if (doubted_step_ && doubted_step_(step))
    return later([done = std::move(done)] { done(Fail(no_commit())); });
  if (auto kept = cut_ ? cut_(step) : std::nullopt) {
    step.facts = *std::move(kept);
    done = [](const Result<void, StoreError>& cut) { BATON_ASSERT(cut.ok()); };
  }
  write<void>([step = std::move(step)](FlowDatabase& db, TimePoint now) { return db.append(step, now); },
              std::move(done));
}
void MemoryFlowStore::mark_removed(const JobId& job, std::uint32_t run, Done<void> done) {
  if (refuse_removals_) return later([done = std::move(done)] { done(Fail(away())); });
  write<void>([job, run](FlowDatabase& db, TimePoint now) { return db.mark_removed(job, run, now); },
              std::move(done));
}
void MemoryFlowStore::unnoted_removals(const std::vector<std::string>& folders, const ports::EndMark& after,
                                       std::uint32_t limit, Done<ports::UnnotedPage> done) {
  read<ports::UnnotedPage>(
      [folders, after, limit](FlowDatabase& db, TimePoint) {
        return db.unnoted_removals(folders, after, limit);
      },
      std::move(done));
}
void MemoryFlowStore::record_refused(const ports::ClaimRequest& request, const ports::Refusal& refusal,
                                     Done<void> done) {
  write<void>([request, refusal](FlowDatabase& db,
                                 TimePoint now) { return db.record_refused(request, refusal, now); },
              std::move(done));
}
void MemoryFlowStore::record_unreadable(const std::string& board_path, const std::string& why,
                                        Done<void> done) {
  write<void>([board_path, why](FlowDatabase& db,
                                TimePoint now) { return db.record_unreadable(board_path, why, now); },
              std::move(done));
}
void MemoryFlowStore::settled(const std::vector<ports::DeliveryRef>& asked,
                              Done<std::vector<ports::DeliveryRef>> done) {
  read<std::vector<ports::DeliveryRef>>([asked](FlowDatabase& db, TimePoint) { return db.settled(asked); },
                                        std::move(done));
}
void MemoryFlowStore::order(const ports::OrderRequest& request, Done<ports::OrderOutcome> done) {
  write<ports::OrderOutcome>([request](FlowDatabase& db, TimePoint now) { return db.order(request, now); },
                             std::move(done));
}
void MemoryFlowStore::open_orders(const std::vector<FlowId>& flows,
                                  Done<std::vector<ports::FlowOrder>> done) {
  read<std::vector<ports::FlowOrder>>([flows](FlowDatabase& db, TimePoint) { return db.open_orders(flows); },
                                      std::move(done));
}
void MemoryFlowStore::orders(const JobId& job, std::uint32_t limit, Done<ports::OrderPage> done) {
  read<ports::OrderPage>([job, limit](FlowDatabase& db, TimePoint) { return db.orders(job, limit); },
                         std::move(done));
}
void MemoryFlowStore::list(const ports::JobFilter& filter, Done<ports::JobPage> done) {
  read<ports::JobPage>([filter](FlowDatabase& db, TimePoint) { return db.list(filter); }, std::move(done));
}
void MemoryFlowStore::summaries(const std::vector<JobId>& jobs, Done<std::vector<ports::JobSummary>> done) {
  read<std::vector<ports::JobSummary>>([jobs](FlowDatabase& db, TimePoint) { return db.summaries(jobs); },
                                       std::move(done));
}
void MemoryFlowStore::trashed_nodes(const std::string& before_path, std::uint32_t limit,
                                    Done<ports::TrashedPage> done) {
  read<ports::TrashedPage>(
      [before_path, limit](FlowDatabase& db, TimePoint) { return db.trashed_page(before_path, limit); },
      std::move(done));
}
void MemoryFlowStore::show(const JobId& job, const ports::AtomPage& page, Done<ports::JobDetail> done) {
  read<ports::JobDetail>([job, page](FlowDatabase& db, TimePoint) { return db.show(job, page); },
                         std::move(done));
}
void MemoryFlowStore::history(const JobId& job, std::uint64_t after_id, std::uint32_t limit,
                              Done<ports::HistoryPage> done) {
  read<ports::HistoryPage>(
      [job, after_id, limit](FlowDatabase& db, TimePoint) { return db.history(job, after_id, limit); },
      std::move(done));
}
void MemoryFlowStore::events(std::uint64_t after_id, std::uint32_t limit, Done<ports::EventPage> done) {
  read<ports::EventPage>(
      [after_id, limit](FlowDatabase& db, TimePoint) { return db.events(after_id, limit); }, std::move(done));
}

void MemoryFlowStore::put_flow_file(const ports::FlowFilePut& put, Done<ports::FlowFileOutcome> done) {
  write<ports::FlowFileOutcome>([put](FlowDatabase& db, TimePoint now) { return db.put_flow_file(put, now); },
                                std::move(done));
}
void MemoryFlowStore::flow_file(const std::string& name, std::uint32_t version,
                                Done<ports::StoredFlowFile> done) {
  read<ports::StoredFlowFile>(
      [name, version](FlowDatabase& db, TimePoint) { return db.flow_file(name, version); }, std::move(done));
}
void MemoryFlowStore::flow_files(const std::string& after, std::uint32_t limit,
                                 Done<ports::FlowFilePage> done) {
  read<ports::FlowFilePage>(
      [after, limit](FlowDatabase& db, TimePoint) { return db.flow_files(after, limit); }, std::move(done));
}
void MemoryFlowStore::flow_file_versions(const std::string& name, std::uint32_t before, std::uint32_t limit,
                                         Done<ports::FlowFilePage> done) {
  read<ports::FlowFilePage>(
      [name, before, limit](FlowDatabase& db, TimePoint) {
        return db.flow_file_versions(name, before, limit);
      },
      std::move(done));
}

// ---- calls of hooks; each may be asked for again, whatever became of it

void MemoryFlowStore::take_hook_calls(const ports::HookTake& take, Done<std::vector<ports::HookCall>> done) {
  read<std::vector<ports::HookCall>>(
      [take](FlowDatabase& db, TimePoint now) { return db.take_hook_calls(take, now); }, std::move(done));
}
void MemoryFlowStore::end_hook_call(const ports::HookEnding& ending, Done<void> done) {
  read<void>([ending](FlowDatabase& db, TimePoint now) { return db.end_hook_call(ending, now); },
             std::move(done));
}
void MemoryFlowStore::retry_hook_call(const ports::HookRetry& retry, Done<bool> done) {
  read<bool>([retry](FlowDatabase& db, TimePoint now) { return db.retry_hook_call(retry, now); },
             std::move(done));
}
void MemoryFlowStore::stalled_jobs(Millis at_least, std::uint64_t after, std::uint32_t limit,
                                   Done<ports::StalledPage> done) {
  read<ports::StalledPage>(
      [at_least, after, limit](FlowDatabase& db, TimePoint now) {
        return db.stalled_jobs(at_least, after, limit, now);
      },
      std::move(done));
}
void MemoryFlowStore::record_stalls(const std::vector<ports::NewStall>& stalls, Done<void> done) {
  read<void>([stalls](FlowDatabase& db, TimePoint now) { return db.record_stalls(stalls, now); },
             std::move(done));
}
void MemoryFlowStore::hook_calls(const ports::HookCallFilter& filter, Done<ports::HookCallPage> done) {
  read<ports::HookCallPage>([filter](FlowDatabase& db, TimePoint) { return db.hook_calls(filter); },
                            std::move(done));
}
void MemoryFlowStore::hook_counts(Done<std::vector<ports::HookCount>> done) {
  read<std::vector<ports::HookCount>>([](FlowDatabase& db, TimePoint) { return db.hook_counts(); },
                                      std::move(done));
}

}  // namespace baton::memory
