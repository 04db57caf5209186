#include "common/postgres/connections.h"

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <utility>

#include "common/model/assert.h"
#include "common/postgres/host_resolver.h"
#include "common/postgres/queries.h"
#include "common/postgres/server_check.h"

namespace baton::postgres {
namespace {

using ports::StoreError;

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

Connections::Connections(boost::asio::io_context& io_context, FlowStoreSettings given)
    : io(io_context), settings(std::move(given)), resolver_(HostResolver::system(io_context)), hourly_(io) {
  writer = std::make_shared<Writer>(io, writer_settings());
  loader = std::make_shared<Writer>(io, follower_settings(" loader", kWriterOptions, kLoadStatementTimeout));
  reader = std::make_shared<Reader>(io, follower_settings(" reader", kReaderOptions, kReadStatementTimeout));
  checker = std::make_shared<Reader>(io, follower_settings(" check", {}, kReadStatementTimeout));
  hook_desk = std::make_shared<Reader>(io, follower_settings(" hooks", {}, kReadStatementTimeout));
  writer->listen({[this](bool reachable) {
                    if (listener) listener->on_reachable(reachable);
                  },
                  [this](const std::string& what) {
                    if (listener) listener->on_another_database(what);
                  },
                  [this](const ServerWord& word) { heard(word); },
                  [this](std::string_view payload) { on_order(payload); },
                  [this] {
                    if (listener) listener->on_orders_missed();
                  }});
}

void Connections::start() {
  writer->start();
  repeat_hourly();
}

void Connections::close() {
  writer->close();
  loader->close();
  reader->close();
  checker->close();
  hook_desk->close();
}

SessionSettings Connections::session_settings(const char* whose, const std::vector<std::string>& options,
                                              Millis statement_timeout, Refusal refusal) const {
  return {conninfo_of(settings),
          settings.schema,
          settings.application + whose,
          options,
          statement_timeout,
          resolver_,
          false,
          std::move(refusal)};
}

SessionSettings Connections::writer_settings() {
  auto session = session_settings(" writer", kWriterOptions, kStatementTimeout,
                                  [this](const std::string& origin) { return writer_found(origin); });
  session.hears_orders = true;
  return session;
}

SessionSettings Connections::follower_settings(const char* whose, const std::vector<std::string>& options,
                                               Millis statement_timeout) {
  return session_settings(whose, options, statement_timeout,
                          [this](const std::string& origin) { return follower_found(origin); });
}

/// Who is elsewhere still follows; who comes later is asked in follower_found().
std::string Connections::writer_found(const std::string& origin) {
  std::string refused = choice_.refused_to_writer(origin);
  if (!refused.empty()) return refused;
  loader->leave_unless(origin);
  reader->leave_unless(origin);
  checker->leave_unless(origin);
  hook_desk->leave_unless(origin);
  return {};
}

std::string Connections::follower_found(const std::string& origin) {
  std::string refused = choice_.refused_to_others(origin);
  if (choice_.must_leave()) writer->leave_unless(choice_.newest());
  return refused;
}

void Connections::heard(const ServerWord& word) {
  const std::string now = risk_of(word);
  if (now == std::exchange(risk_, now)) return;
  if (settings.on_risk) settings.on_risk(now);
}

void Connections::on_order(std::string_view payload) const {
  const auto flow = ordered_flow(payload, settings.schema);
  if (flow && listener) listener->on_order(*flow);
}

/// Weekly partitions of the history are made ahead; a process may live longer than that. A standby may come
/// while the connections stay.
void Connections::repeat_hourly() {
  hourly_.expires_after(std::chrono::hours(1));
  hourly_.async_wait([this](boost::system::error_code cancelled) {
    if (cancelled) return;
    look_at_server(checker, [this](const ServerWord& word) { heard(word); });
    make_partitions(checker, [](const Result<void, StoreError>&) {});  // the default partition is there too
    repeat_hourly();
  });
}

}  // namespace baton::postgres
