#include "common/postgres/flow_store.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "common/model/assert.h"
#include "common/postgres/database_choice.h"
#include "common/postgres/host_resolver.h"
#include "common/postgres/queries.h"
#include "common/postgres/reader.h"
#include "common/postgres/server_check.h"
#include "common/postgres/writer.h"

namespace baton::postgres {
namespace {

using ports::StoreError;
using ports::StoreErrorCode;

// A row that another session holds for so long is that flow's trouble, not everybody's; behind
// deadlock_timeout (1 s), so that a deadlock is told as one.
constexpr const char* kLockTimeout = "lock_timeout=2500";
// Plans are made once and must stay a nested loop over the primary keys, also if they were made while the
// tables were empty: hence the three enable_*; the first two are hops.md's.
const std::vector<std::string> kWriterOptions{"jit=off",
                                              "plan_cache_mode=force_generic_plan",
                                              "enable_seqscan=off",
                                              "enable_hashjoin=off",
                                              "enable_mergejoin=off",
                                              kLockTimeout};
// A page is one moment's picture; filters differ from call to call.
const std::vector<std::string> kReaderOptions{"jit=off", "plan_cache_mode=force_custom_plan",
                                              "default_transaction_isolation=repeatable\\ read"};

constexpr Millis kStatementTimeout{4'500};  // before kWriteTimeout: the server's own word is better
constexpr Millis kReadStatementTimeout{9'000};
constexpr Millis kLoadStatementTimeout{60'000};  // a flow of 100,000 atoms with results takes its time

Conninfo conninfo_of(const FlowStoreSettings& settings) {
  auto info = parse_conninfo(settings.conninfo);
  BATON_ASSERT(info.ok());
  return info.value();
}

/// "<schema> <flow>": all schemas of a database share the channel.
std::optional<FlowId> ordered_flow(std::string_view payload, const std::string& schema) {
  if (!payload.starts_with(schema) || payload.substr(schema.size(), 1) != " ") return std::nullopt;
  const auto flow = Uuid::parse(payload.substr(schema.size() + 1));
  return flow ? std::optional(FlowId(*flow)) : std::nullopt;
}

}  // namespace

struct PostgresFlowStore::Connections {
  Connections(boost::asio::io_context& io_context, FlowStoreSettings given)
      : io(io_context),
        settings(std::move(given)),
        resolver(HostResolver::system(io_context)),
        writer(std::make_shared<Writer>(
            io,
            hearing(session_settings(" writer", kWriterOptions, kStatementTimeout,
                                     [this](const std::string& origin) { return writer_found(origin); })))),
        loader(std::make_shared<Writer>(io,
                                        follower_settings(" loader", kWriterOptions, kLoadStatementTimeout))),
        reader(std::make_shared<Reader>(io,
                                        follower_settings(" reader", kReaderOptions, kReadStatementTimeout))),
        checker(std::make_shared<Reader>(io, follower_settings(" check", {}, kReadStatementTimeout))),
        hook_desk(std::make_shared<Reader>(io, follower_settings(" hooks", {}, kReadStatementTimeout))),
        hourly(io) {
    writer->listen({[this](bool reachable) {
                      if (listener) listener->on_reachable(reachable);
                    },
                    [this](const std::string& what) {
                      if (listener) listener->on_another_database(what);
                    },
                    [this](const ServerWord& word) { heard(word); },
                    [this](std::string_view payload) {
                      const auto flow = ordered_flow(payload, settings.schema);
                      if (flow && listener) listener->on_order(*flow);
                    },
                    [this] {
                      if (listener) listener->on_orders_missed();
                    }});
  }

  using Refusal = std::function<std::string(const std::string& origin)>;
  SessionSettings session_settings(const char* whose, const std::vector<std::string>& options,
                                   Millis statement_timeout, Refusal refusal) const {
    return {conninfo_of(settings),
            settings.schema,
            settings.application + whose,
            options,
            statement_timeout,
            resolver,
            false,
            std::move(refusal)};
  }
  SessionSettings follower_settings(const char* whose, const std::vector<std::string>& options,
                                    Millis statement_timeout) {
    return session_settings(whose, options, statement_timeout,
                            [this](const std::string& origin) { return follower_found(origin); });
  }

  static SessionSettings hearing(SessionSettings session) {
    session.hears_orders = true;
    return session;
  }

  /// Who is elsewhere still follows; who comes later is asked in follower_found().
  std::string writer_found(const std::string& origin) {
    std::string refused = choice.refused_to_writer(origin);
    if (!refused.empty()) return refused;
    loader->leave_unless(origin);
    reader->leave_unless(origin);
    checker->leave_unless(origin);
    hook_desk->leave_unless(origin);
    return {};
  }
  std::string follower_found(const std::string& origin) {
    std::string refused = choice.refused_to_others(origin);
    if (choice.must_leave()) writer->leave_unless(choice.newest());
    return refused;
  }

  void heard(const ServerWord& word) {
    const std::string now = risk_of(word);
    if (now == std::exchange(risk, now)) return;
    if (settings.on_risk) settings.on_risk(now);
  }

  /// Weekly partitions of the history are made ahead; a process may live longer than that. A standby may come
  /// while the connections stay.
  void repeat_hourly() {
    hourly.expires_after(std::chrono::hours(1));
    hourly.async_wait([this](boost::system::error_code cancelled) {
      if (cancelled) return;
      look_at_server(checker, [this](const ServerWord& word) { heard(word); });
      make_partitions(checker, [](const Result<void, StoreError>&) {});  // the default partition is there too
      repeat_hourly();
    });
  }

  boost::asio::io_context& io;
  FlowStoreSettings settings;
  std::shared_ptr<HostResolver> resolver;  // one for all: a name is asked for once
  DatabaseChoice choice;
  std::shared_ptr<Writer> writer;
  std::shared_ptr<Writer> loader;
  std::shared_ptr<Reader> reader;
  std::shared_ptr<Reader> checker;
  std::shared_ptr<Reader> hook_desk;  // what is asked there writes, too
  boost::asio::steady_timer hourly;
  std::string risk;
  Listener* listener = nullptr;
};

namespace {

template <class T>
Reader::Failed failing(const ports::FlowStore::Done<T>& done) {
  return [done](const StoreError& error) { done(Fail(error)); };
}

}  // namespace

/// No callback comes after the store's end, also when one of several ended it.
template <class T>
PostgresFlowStore::Done<T> PostgresFlowStore::guarded(Done<T> done) const {
  return [alive = std::weak_ptr(alive_), done = std::move(done)](Result<T, StoreError> outcome) {
    if (!alive.expired()) done(std::move(outcome));
  };
}

PostgresFlowStore::PostgresFlowStore(boost::asio::io_context& io, FlowStoreSettings settings)
    : connections_(std::make_unique<Connections>(io, std::move(settings))) {
  connections_->writer->start();
  connections_->repeat_hourly();
}

PostgresFlowStore::~PostgresFlowStore() {
  connections_->writer->close();
  connections_->loader->close();
  connections_->reader->close();
  connections_->checker->close();
  connections_->hook_desk->close();
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

void PostgresFlowStore::unfinished(const std::string& folder, std::uint64_t after, std::uint32_t limit,
                                   Done<ports::UnfinishedPage> done) {
  done = guarded(std::move(done));
  Transaction read;
  add_unfinished(read, folder, after, limit, done);
  connections_->reader->read(std::move(read), failing<ports::UnfinishedPage>(done));
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

void PostgresFlowStore::record_refused(const ports::ClaimRequest& request, FlowState state,
                                       const Failure& failure, Done<void> done) {
  BATON_ASSERT(state == FlowState::Rejected || state == FlowState::Trashed);
  connections_->writer->submit(RefusedWork{request, state, failure, guarded(std::move(done))});
}

void PostgresFlowStore::record_unreadable(const std::string& board_path, const std::string& why,
                                          Done<void> done) {
  connections_->writer->submit(UnreadableWork{board_path, why, guarded(std::move(done))});
}

void PostgresFlowStore::settled(const std::vector<ports::DeliveryRef>& asked,
                                Done<std::vector<ports::DeliveryRef>> done) {
  BATON_ASSERT(asked.size() <= ports::kDeliveriesAskedMax);
  done = guarded(std::move(done));
  Transaction read;
  add_settled(read, asked, done);
  connections_->reader->read(std::move(read), failing<std::vector<ports::DeliveryRef>>(done));
}

void PostgresFlowStore::order(const ports::OrderRequest& request, Done<ports::OrderOutcome> done) {
  connections_->writer->submit(OrderWork{request, guarded(std::move(done))});
}

void PostgresFlowStore::open_orders(const std::vector<FlowId>& flows,
                                    Done<std::vector<ports::FlowOrder>> done) {
  BATON_ASSERT(flows.size() <= ports::kFlowsAskedMax);
  done = guarded(std::move(done));
  Transaction read;
  add_open_orders(read, flows, done);
  connections_->reader->read(std::move(read), failing<std::vector<ports::FlowOrder>>(done));
}

void PostgresFlowStore::orders(const JobId& job, std::uint32_t limit, Done<ports::OrderPage> done) {
  done = guarded(std::move(done));
  Transaction read;
  add_job_orders(read, job, limit, done);
  connections_->reader->read(std::move(read), failing<ports::OrderPage>(done));
}

void PostgresFlowStore::list(const ports::JobFilter& filter, Done<ports::JobPage> done) {
  const auto before = cursor_number(filter.after);
  if (!before)
    return boost::asio::post(connections_->io, [done = guarded(std::move(done)), cursor = filter.after] {
      done(Fail(StoreError{StoreErrorCode::NotFound, "'" + cursor + "' is no cursor of a page of jobs"}));
    });
  done = guarded(std::move(done));
  Transaction read;
  add_list(read, filter, *before, done);
  connections_->reader->read(std::move(read), failing<ports::JobPage>(done));
}

void PostgresFlowStore::summaries(const std::vector<JobId>& jobs, Done<std::vector<ports::JobSummary>> done) {
  BATON_ASSERT(jobs.size() <= ports::kSummariesMax);
  done = guarded(std::move(done));
  Transaction read;
  add_summaries(read, jobs, done);
  connections_->reader->read(std::move(read), failing<std::vector<ports::JobSummary>>(done));
}

void PostgresFlowStore::trashed_nodes(const std::string& before_path, std::uint32_t limit,
                                      Done<ports::TrashedPage> done) {
  done = guarded(std::move(done));
  Transaction read;
  add_trashed(read, before_path, limit, done);
  connections_->reader->read(std::move(read), failing<ports::TrashedPage>(done));
}

void PostgresFlowStore::show(const JobId& job, const ports::AtomPage& page, Done<ports::JobDetail> done) {
  done = guarded(std::move(done));
  Transaction read;
  add_show(read, job, page, done);
  connections_->reader->read(std::move(read), failing<ports::JobDetail>(done));
}

void PostgresFlowStore::history(const JobId& job, std::uint64_t after_id, std::uint32_t limit,
                                Done<ports::HistoryPage> done) {
  done = guarded(std::move(done));
  Transaction read;
  add_history(read, job, after_id, limit, done);
  connections_->reader->read(std::move(read), failing<ports::HistoryPage>(done));
}

void PostgresFlowStore::events(std::uint64_t after_id, std::uint32_t limit, Done<ports::EventPage> done) {
  done = guarded(std::move(done));
  Transaction read;
  add_events(read, after_id, limit, done);
  connections_->reader->read(std::move(read), failing<ports::EventPage>(done));
}

void PostgresFlowStore::put_flow_file(const ports::FlowFilePut& put, Done<ports::FlowFileOutcome> done) {
  connections_->writer->submit(FlowFileWork{put, guarded(std::move(done))});
}

void PostgresFlowStore::flow_file(const std::string& name, std::uint32_t version,
                                  Done<ports::StoredFlowFile> done) {
  done = guarded(std::move(done));
  Transaction read;
  add_flow_file(read, name, version, done);
  connections_->reader->read(std::move(read), failing<ports::StoredFlowFile>(done));
}

void PostgresFlowStore::flow_files(const std::string& after, std::uint32_t limit,
                                   Done<ports::FlowFilePage> done) {
  done = guarded(std::move(done));
  Transaction read;
  add_flow_file_list(read, after, limit, done);
  connections_->reader->read(std::move(read), failing<ports::FlowFilePage>(done));
}

void PostgresFlowStore::flow_file_versions(const std::string& name, std::uint32_t before, std::uint32_t limit,
                                           Done<ports::FlowFilePage> done) {
  done = guarded(std::move(done));
  Transaction read;
  add_flow_file_versions(read, name, before, limit, done);
  connections_->reader->read(std::move(read), failing<ports::FlowFilePage>(done));
}

// ---- calls of hooks: on a connection of their own, so that nothing of theirs holds up a commit

template <class T, class Add>
void PostgresFlowStore::ask_hooks(Done<T> done, Add add) {
  done = guarded(std::move(done));
  Transaction asked;
  add(asked, done);
  connections_->hook_desk->read(std::move(asked), failing<T>(done));
}

void PostgresFlowStore::take_hook_calls(const ports::HookTake& take,
                                        Done<std::vector<ports::HookCall>> done) {
  ask_hooks(std::move(done), [&](Transaction& to, const auto& then) { add_take_hook_calls(to, take, then); });
}

void PostgresFlowStore::end_hook_call(const ports::HookEnding& ending, Done<void> done) {
  ask_hooks(std::move(done), [&](Transaction& to, const auto& then) { add_end_hook_call(to, ending, then); });
}

void PostgresFlowStore::stalled_jobs(Millis at_least, std::uint64_t after, std::uint32_t limit,
                                     Done<ports::StalledPage> done) {
  ask_hooks(std::move(done),
            [&](Transaction& to, const auto& then) { add_stalled_jobs(to, at_least, after, limit, then); });
}

void PostgresFlowStore::record_stalls(const std::vector<ports::NewStall>& stalls, Done<void> done) {
  ask_hooks(std::move(done), [&](Transaction& to, const auto& then) { add_record_stalls(to, stalls, then); });
}

void PostgresFlowStore::hook_calls(const ports::HookCallFilter& filter, Done<ports::HookCallPage> done) {
  ask_hooks(std::move(done), [&](Transaction& to, const auto& then) { add_hook_calls(to, filter, then); });
}

void PostgresFlowStore::hook_counts(Done<std::vector<ports::HookCount>> done) {
  ask_hooks(std::move(done), [](Transaction& to, const auto& then) { add_hook_counts(to, then); });
}

}  // namespace baton::postgres
