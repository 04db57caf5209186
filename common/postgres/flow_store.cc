#include "common/postgres/flow_store.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "common/model/assert.h"
#include "common/postgres/connections.h"
#include "common/postgres/queries.h"
#include "common/postgres/server_check.h"

namespace baton::postgres {

using ports::StoreError;
using ports::StoreErrorCode;

/// No callback comes after the store's end, also when one of several ended it.
template <class T>
PostgresFlowStore::Done<T> PostgresFlowStore::guarded(Done<T> done) const {
  return [alive = std::weak_ptr(alive_), done = std::move(done)](Result<T, StoreError> outcome) {
    if (!alive.expired()) done(std::move(outcome));
  };
}

/// What one transaction on that connection asks for.
template <class T, class Add>
void PostgresFlowStore::ask(const std::shared_ptr<Reader>& on, Done<T> done, Add add) {
  done = guarded(std::move(done));
  Transaction asked;
  add(asked, done);
  on->read(std::move(asked), [done](const StoreError& error) { done(Fail(error)); });
}

PostgresFlowStore::PostgresFlowStore(boost::asio::io_context& io, FlowStoreSettings settings)
    : connections_(std::make_unique<Connections>(io, std::move(settings))) {
  connections_->start();
}

PostgresFlowStore::~PostgresFlowStore() {
  connections_->close();
}

std::string PostgresFlowStore::problem_of(const FlowStoreSettings& settings) {
  const auto info = parse_conninfo(settings.conninfo);
  if (!info.ok()) return info.error();
  if (!is_schema_name(settings.schema)) return schema_name_problem(settings.schema);
  return {};
}

void PostgresFlowStore::listen(Listener& listener) {
  connections_->listener = &listener;
}

void PostgresFlowStore::check(Done<void> done) {
  done = guarded(std::move(done));
  check_server(
      connections_->checker, connections_->settings.schema,
      [connections = connections_.get()](const ServerWord& word) { connections->heard(word); },
      [writer = connections_->writer, done](const Result<void, StoreError>& fits) {
        if (!fits.ok()) return done(Fail(fits.error()));
        writer->submit(ProofWork{[done](const Result<void, StoreError>& proven) {
          if (proven.ok()) return done({});
          done(Fail(StoreError{StoreErrorCode::Unavailable, proven.error().message}));
        }});
      });
}

void PostgresFlowStore::meet_board(const std::string& board_id, std::uint32_t noted,
                                   Done<ports::BoardStanding> done) {
  connections_->writer->submit(MeetWork{board_id, noted, guarded(std::move(done))});
}

void PostgresFlowStore::mark_board(const std::string& board_id, std::int32_t version, Done<void> done) {
  connections_->writer->submit(MarkWork{board_id, version, guarded(std::move(done))});
}

void PostgresFlowStore::take_sweep(const ports::Sweep& sweep, Done<ports::SweepTurn> done) {
  connections_->writer->submit(SweepWork{sweep, false, guarded(std::move(done))});
}

void PostgresFlowStore::end_sweep(const ports::Sweep& sweep, Done<void> done) {
  connections_->writer->submit(SweepWork{
      sweep, true, [done = guarded(std::move(done))](const Result<ports::SweepTurn, StoreError>& turn) {
        turn.ok() ? done({}) : done(Fail(turn.error()));
      }});
}

void PostgresFlowStore::unfinished(const std::vector<std::string>& folders, std::uint64_t after,
                                   std::uint32_t limit, Done<ports::UnfinishedPage> done) {
  ask(connections_->reader, std::move(done),
      [&](Transaction& to, const auto& then) { add_unfinished(to, folders, after, limit, then); });
}

void PostgresFlowStore::claim(const ports::ClaimRequest& request, Done<ports::ClaimOutcome> done) {
  connections_->writer->submit(ClaimWork{request, guarded(std::move(done))});
}

void PostgresFlowStore::load(FlowId flow, Epoch epoch, Done<ports::FlowSnapshot> done) {
  auto& by = connections_->writer->away() ? connections_->writer : connections_->loader;
  by->submit(LoadWork{flow, epoch, guarded(std::move(done)), std::nullopt});
}

void PostgresFlowStore::append(ports::StepWrite write, Done<void> done) {
  FoldedStep folded = fold(write.facts);
  connections_->writer->submit(StepWork{std::move(write), std::move(folded), guarded(std::move(done))});
}

void PostgresFlowStore::mark_removed(const JobId& job, std::uint32_t run, Done<void> done) {
  connections_->writer->submit(RemovedWork{job, run, guarded(std::move(done))});
}

void PostgresFlowStore::unnoted_removals(const std::vector<std::string>& folders, const ports::EndMark& after,
                                         std::uint32_t limit, Done<ports::UnnotedPage> done) {
  ask(connections_->reader, std::move(done),
      [&](Transaction& to, const auto& then) { add_unnoted_removals(to, folders, after, limit, then); });
}
void PostgresFlowStore::record_refused(const ports::ClaimRequest& request, const ports::Refusal& refusal,
                                       Done<void> done) {
  BATON_ASSERT(refusal.state == FlowState::Rejected || refusal.state == FlowState::Trashed);
  connections_->writer->submit(RefusedWork{request, refusal, guarded(std::move(done))});
}

void PostgresFlowStore::record_unreadable(const std::string& board_path, const std::string& why,
                                          Done<void> done) {
  connections_->writer->submit(UnreadableWork{board_path, why, guarded(std::move(done))});
}

void PostgresFlowStore::settled(const std::vector<ports::DeliveryRef>& asked,
                                Done<std::vector<ports::DeliveryRef>> done) {
  BATON_ASSERT(asked.size() <= ports::kDeliveriesAskedMax);
  ask(connections_->reader, std::move(done),
      [&](Transaction& to, const auto& then) { add_settled(to, asked, then); });
}

void PostgresFlowStore::order(const ports::OrderRequest& request, Done<ports::OrderOutcome> done) {
  connections_->writer->submit(OrderWork{request, guarded(std::move(done))});
}

void PostgresFlowStore::open_orders(const std::vector<FlowId>& flows,
                                    Done<std::vector<ports::FlowOrder>> done) {
  BATON_ASSERT(flows.size() <= ports::kFlowsAskedMax);
  ask(connections_->reader, std::move(done),
      [&](Transaction& to, const auto& then) { add_open_orders(to, flows, then); });
}

void PostgresFlowStore::orders(const JobId& job, std::uint32_t limit, Done<ports::OrderPage> done) {
  ask(connections_->reader, std::move(done),
      [&](Transaction& to, const auto& then) { add_job_orders(to, job, limit, then); });
}

void PostgresFlowStore::list(const ports::JobFilter& filter, Done<ports::JobPage> done) {
  const auto before = cursor_number(filter.after);
  if (!before)
    return boost::asio::post(connections_->io, [done = guarded(std::move(done)), cursor = filter.after] {
      done(Fail(StoreError{StoreErrorCode::NotFound, "'" + cursor + "' is no cursor of a page of jobs"}));
    });
  ask(connections_->reader, std::move(done),
      [&](Transaction& to, const auto& then) { add_list(to, filter, *before, then); });
}

void PostgresFlowStore::summaries(const std::vector<JobId>& jobs, Done<std::vector<ports::JobSummary>> done) {
  BATON_ASSERT(jobs.size() <= ports::kSummariesMax);
  ask(connections_->reader, std::move(done),
      [&](Transaction& to, const auto& then) { add_summaries(to, jobs, then); });
}

void PostgresFlowStore::trashed_nodes(const std::string& before_path, std::uint32_t limit,
                                      Done<ports::TrashedPage> done) {
  ask(connections_->reader, std::move(done),
      [&](Transaction& to, const auto& then) { add_trashed(to, before_path, limit, then); });
}

void PostgresFlowStore::show(const JobId& job, const ports::AtomPage& page, Done<ports::JobDetail> done) {
  ask(connections_->reader, std::move(done),
      [&](Transaction& to, const auto& then) { add_show(to, job, page, then); });
}

void PostgresFlowStore::history(const JobId& job, std::uint64_t after_id, std::uint32_t limit,
                                Done<ports::HistoryPage> done) {
  ask(connections_->reader, std::move(done),
      [&](Transaction& to, const auto& then) { add_history(to, job, after_id, limit, then); });
}

void PostgresFlowStore::events(std::uint64_t after_id, std::uint32_t limit, Done<ports::EventPage> done) {
  ask(connections_->reader, std::move(done),
      [&](Transaction& to, const auto& then) { add_events(to, after_id, limit, then); });
}

void PostgresFlowStore::put_flow_file(const ports::FlowFilePut& put, Done<ports::FlowFileOutcome> done) {
  connections_->writer->submit(FlowFileWork{put, guarded(std::move(done))});
}

void PostgresFlowStore::flow_file(const std::string& name, std::uint32_t version,
                                  Done<ports::StoredFlowFile> done) {
  ask(connections_->reader, std::move(done),
      [&](Transaction& to, const auto& then) { add_flow_file(to, name, version, then); });
}

void PostgresFlowStore::flow_files(const std::string& after, std::uint32_t limit,
                                   Done<ports::FlowFilePage> done) {
  ask(connections_->reader, std::move(done),
      [&](Transaction& to, const auto& then) { add_flow_file_list(to, after, limit, then); });
}

void PostgresFlowStore::flow_file_versions(const std::string& name, std::uint32_t before, std::uint32_t limit,
                                           Done<ports::FlowFilePage> done) {
  ask(connections_->reader, std::move(done),
      [&](Transaction& to, const auto& then) { add_flow_file_versions(to, name, before, limit, then); });
}

// ---- calls of hooks: on a connection of their own, so that nothing of theirs holds up a commit

void PostgresFlowStore::take_hook_calls(const ports::HookTake& take,
                                        Done<std::vector<ports::HookCall>> done) {
  ask(connections_->hook_desk, std::move(done),
      [&](Transaction& to, const auto& then) { add_take_hook_calls(to, take, then); });
}

void PostgresFlowStore::end_hook_call(const ports::HookEnding& ending, Done<void> done) {
  ask(connections_->hook_desk, std::move(done),
      [&](Transaction& to, const auto& then) { add_end_hook_call(to, ending, then); });
}

void PostgresFlowStore::retry_hook_call(const ports::HookRetry& retry, Done<bool> done) {
  ask(connections_->hook_desk, std::move(done),
      [&](Transaction& to, const auto& then) { add_retry_hook_call(to, retry, then); });
}

void PostgresFlowStore::stalled_jobs(Millis at_least, std::uint64_t after, std::uint32_t limit,
                                     Done<ports::StalledPage> done) {
  ask(connections_->hook_desk, std::move(done),
      [&](Transaction& to, const auto& then) { add_stalled_jobs(to, at_least, after, limit, then); });
}

void PostgresFlowStore::record_stalls(const std::vector<ports::NewStall>& stalls, Done<void> done) {
  ask(connections_->hook_desk, std::move(done),
      [&](Transaction& to, const auto& then) { add_record_stalls(to, stalls, then); });
}

void PostgresFlowStore::hook_calls(const ports::HookCallFilter& filter, Done<ports::HookCallPage> done) {
  ask(connections_->hook_desk, std::move(done),
      [&](Transaction& to, const auto& then) { add_hook_calls(to, filter, then); });
}

void PostgresFlowStore::hook_counts(Done<std::vector<ports::HookCount>> done) {
  ask(connections_->hook_desk, std::move(done),
      [](Transaction& to, const auto& then) { add_hook_counts(to, then); });
}

}  // namespace baton::postgres
