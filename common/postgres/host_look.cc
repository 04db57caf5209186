#include "common/postgres/host_look.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <memory>

#include "common/postgres/migrator.h"
#include "common/postgres/server_word.h"

namespace baton::postgres {
namespace {

using Steady = std::chrono::steady_clock;
using Rows = std::unique_ptr<PGresult, decltype(&PQclear)>;

// An hour of doing nothing inside a transaction is no pause any more; a minute is too long already, since
// vacuum cannot remove what it sees. How many sessions there are pg_stat_database tells everybody; what those
// of others do pg_stat_activity tells only who may read it.
constexpr const char* kServer =
    "select current_setting('server_version_num'), current_setting('server_version'),"
    " (extract(epoch from clock_timestamp()) * 1000000)::bigint,"
    " current_setting('synchronous_commit'), current_setting('autovacuum') = 'on',"
    " current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,"
    " (select coalesce(sum(numbackends), 0)::bigint from pg_stat_database),"
    " (select count(*) from pg_stat_activity where state like 'idle in transaction%'"
    "   and datname = current_database() and clock_timestamp() - state_change > interval '1 minute'),"
    " (select coalesce((extract(epoch from max(clock_timestamp() - state_change)) * 1000)::bigint, 0)"
    "   from pg_stat_activity where state like 'idle in transaction%' and datname = current_database()),"
    " pg_has_role(current_user, 'pg_read_all_stats', 'usage'), current_user";
constexpr const char* kMigrated = "select to_regclass('migrations') is not null";
constexpr const char* kApplied =
    "select coalesce(string_agg(version || ':' || checksum, ',' order by version), '') from migrations";

/// In one line.
std::string trimmed(const char* words) {
  std::string text;
  for (const char* at = words ? words : ""; *at; ++at) {
    const char letter = *at == '\n' || *at == '\t' ? ' ' : *at;
    if (letter != ' ' || (!text.empty() && text.back() != ' ')) text += letter;
  }
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

TimePoint wall_now() {
  return std::chrono::time_point_cast<Micros>(std::chrono::system_clock::now());
}

/// A connection that waits for nothing beyond the deadline.
class Talk {
 public:
  Talk(const Conninfo& info, Millis deadline) : end_(Steady::now() + deadline) {
    std::vector<const char*> keywords, values;
    for (const auto& [keyword, value] : info)
      keywords.push_back(keyword.c_str()), values.push_back(value.c_str());
    keywords.push_back(nullptr), values.push_back(nullptr);
    connection_.reset(PQconnectStartParams(keywords.data(), values.data(), 0));
    PQsetNoticeProcessor(
        connection_.get(), [](void*, const char*) {}, nullptr);
    connect();
  }

  /// Empty: connected, and every query so far was answered.
  const std::string& trouble() const { return trouble_; }
  /// The server has spoken: it is there, whatever it said.
  bool heard() const { return heard_; }

  Rows ask(const char* sql) {
    Rows last(nullptr, &PQclear);
    if (!trouble_.empty()) return last;
    if (!PQsendQuery(connection_.get(), sql)) fail();
    while (trouble_.empty() && await_result()) {
      Rows next(PQgetResult(connection_.get()), &PQclear);
      if (!next) break;
      if (PQresultStatus(next.get()) == PGRES_FATAL_ERROR)
        trouble_ = trimmed(PQresultErrorMessage(next.get()));
      last = std::move(next);
    }
    return last;
  }

 private:
  /// Until PQgetResult() would not block; false: there is trouble.
  bool await_result() {
    while (PQconsumeInput(connection_.get())) {
      if (!PQisBusy(connection_.get())) return true;
      if (!wait(POLLIN)) return false;
    }
    fail();
    return false;
  }

  void connect() {
    if (PQstatus(connection_.get()) == CONNECTION_BAD) return fail();
    auto wanted = PGRES_POLLING_WRITING;
    while (wanted != PGRES_POLLING_OK) {
      if (wanted == PGRES_POLLING_FAILED) return fail();
      if (!wait(wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT)) return;
      wanted = PQconnectPoll(connection_.get());
      heard_ = heard_ || PQserverVersion(connection_.get()) > 0;
    }
    heard_ = true;
  }

  void fail() {
    trouble_ = trimmed(PQerrorMessage(connection_.get()));
    // The server's own words, as libpq gives them on: whoever says so is there.
    heard_ = heard_ || trouble_.find("FATAL: ") != std::string::npos ||
             trouble_.find("no password supplied") != std::string::npos;
  }

  bool wait(short events) {
    pollfd socket{PQsocket(connection_.get()), events, 0};
    while (true) {
      const auto left = std::chrono::duration_cast<Millis>(end_ - Steady::now()).count();
      const int ready = left <= 0 ? 0 : ::poll(&socket, 1, static_cast<int>(left));
      if (ready > 0) return true;
      if (ready < 0 && errno == EINTR) continue;
      trouble_ = heard_ ? "it has stopped answering"
                        : "no answer: it may be down, or something swallows what is sent there";
      return false;
    }
  }

  struct Close {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  std::unique_ptr<PGconn, Close> connection_;
  const Steady::time_point end_;
  std::string trouble_;
  bool heard_ = false;
};

std::int64_t number(const Rows& rows, int column) {
  return std::stoll(PQgetvalue(rows.get(), 0, column));
}

bool truth(const Rows& rows, int column) {
  return *PQgetvalue(rows.get(), 0, column) == 't';
}

/// As server_word.h reads them, here as text.
void read_word(const Rows& rows, HostLook& look) {
  look.standby = truth(rows, 1);
  look.read_only = truth(rows, 2);
  look.fsync = truth(rows, 3);
  look.full_page_writes = truth(rows, 4);
  look.standbys_awaited = truth(rows, 6);
  look.standbys = number(rows, 7);
}

void read_server(const Rows& rows, HostLook& look) {
  look.version = static_cast<int>(number(rows, 0));
  look.version_text = PQgetvalue(rows.get(), 0, 1);
  look.said = TimePoint(Micros(number(rows, 2)));
  look.synchronous_commit = PQgetvalue(rows.get(), 0, 3);
  look.autovacuum = truth(rows, 4);
  look.connections_max = number(rows, 5);
  look.connections = number(rows, 6);
  look.idle_in_transaction = number(rows, 7);
  look.longest_idle_in_transaction = Millis(number(rows, 8));
  look.sees_sessions = truth(rows, 9);
  look.role = PQgetvalue(rows.get(), 0, 10);
}

void ask_schema(Talk& talk, const std::string& schema, HostLook& look) {
  talk.ask(("set search_path = " + schema + ", pg_temp").c_str());
  const Rows migrated = talk.ask(kMigrated);
  if (!talk.trouble().empty()) return;
  std::string applied;
  if (truth(migrated, 0)) {
    const Rows rows = talk.ask(kApplied);
    if (!talk.trouble().empty()) return;
    applied = PQgetvalue(rows.get(), 0, 0);
  }
  if (const auto problem = schema_problem(look.place, schema, applied))
    look.schema_problem = problem->message;
}

}  // namespace

std::vector<Conninfo> each_host(const Conninfo& info) {
  const auto parts_of = [&](const char* keyword) {
    std::vector<std::string> parts;
    const auto found = info.find(keyword);
    if (found == info.end()) return parts;
    std::string rest = found->second + ",";
    for (std::size_t comma; (comma = rest.find(',')) != std::string::npos; rest.erase(0, comma + 1))
      parts.push_back(rest.substr(0, comma));
    return parts;
  };
  const auto names = parts_of("host"), addresses = parts_of("hostaddr"), ports = parts_of("port");
  const std::size_t hosts = std::max<std::size_t>({names.size(), addresses.size(), 1});
  std::vector<Conninfo> each;
  for (std::size_t i = 0; i < hosts; ++i) {
    Conninfo one = info;
    if (i < names.size()) one["host"] = names[i];
    if (i < addresses.size()) one["hostaddr"] = addresses[i];
    if (ports.size() > 1 && i < ports.size()) one["port"] = ports[i];
    one["target_session_attrs"] = "any";
    each.push_back(std::move(one));
  }
  return each;
}

HostLook look_at_host(Conninfo info, const std::string& schema, Millis deadline) {
  HostLook look;
  look.place = place_of(info);
  info["application_name"] = "baton doctor";
  Talk talk(info, deadline);
  if (!talk.trouble().empty()) {
    look.end = talk.heard() ? HostLook::End::Refused : HostLook::End::Unreachable;
    look.trouble = talk.trouble();
    return look;
  }
  const Rows word = talk.ask(kServerWord.sql);
  look.asked_at = wall_now();
  const Rows server = talk.ask(kServer);
  look.answered_at = wall_now();
  if (talk.trouble().empty()) {
    read_word(word, look);
    read_server(server, look);
    if (!look.standby && !is_schema_name(schema))
      look.schema_problem = schema_name_problem(schema);
    else if (!look.standby)
      ask_schema(talk, schema, look);
  }
  look.trouble = talk.trouble();
  look.end = look.trouble.empty() ? HostLook::End::Asked : HostLook::End::Broken;
  return look;
}

}  // namespace baton::postgres
