/// How fast the store commits: N flows step at once (each step 2 atom updates and 2 lines of history), the
/// next round begins when all have been told. The shape of hops.md section 2, through PostgresFlowStore.
///
///   store_probe "host=… port=… dbname=… user=…" [seconds per row [N]]
///
/// Works in a schema of its own, which it drops. Refuses a server whose settings can lose commits.
#include <libpq-fe.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "common/postgres/flow_store.h"
#include "common/postgres/migrator.h"

namespace {

using namespace baton;
using Clock = std::chrono::steady_clock;

[[noreturn]] void give_up(const std::string& message) {
  std::fprintf(stderr, "store_probe: %s\n", message.c_str());
  std::exit(1);
}

/// One flow whose atoms succeed one after the other.
struct Flow {
  ports::ClaimOutcome claim;
  std::uint64_t seq = 0;
  AtomIndex running = 0;
};

constexpr AtomIndex kAtoms = 200;  // a flow that is through makes room for a new one

Fact fact(Flow& flow, AtomIndex atom, AtomState from, AtomState state) {
  AtomFact body;
  body.atom = atom;
  body.from = from;
  body.from_attempt = from == AtomState::Running ? 1 : 0;
  body.from_dispatch = body.from_attempt;
  body.after.state = state;
  body.after.attempt = 1;
  body.after.dispatch = 1;
  if (state == AtomState::Running)
    body.after.delivery =
        Delivery{Incarnation(flow.claim.flow.value), "worker-1", 1, TimePoint(Micros(1)), {}};
  if (state == AtomState::Success) {
    body.after.result =
        Value::from_stored("{\"id\": \"5f3a\", \"name\": \"server-1\", \"address\": \"10.0.0.1\"}");
    body.changed = kResultChanged;
  }
  return {++flow.seq, body};
}

class Probe {
 public:
  Probe(const std::string& conninfo, const std::string& schema)
      : store_(io_, {conninfo, schema, "baton store_probe"}) {
    bool checked = false;
    store_.check([&](const Result<void, ports::StoreError>& outcome) {
      if (!outcome.ok()) give_up(outcome.error().message);
      checked = true;
    });
    run_until([&] { return checked; });
  }

  void measure(std::size_t width, Clock::duration time) {
    std::vector<Flow> flows(width);
    for (Flow& flow : flows) renew(flow);
    wait();
    std::vector<double> micros;
    Clock::duration stepping{0};
    while (stepping < time) {
      for (Flow& flow : flows)
        if (flow.running + 1 == kAtoms) renew(flow);
      wait();
      const auto begin = Clock::now();
      for (Flow& flow : flows) step(flow);
      wait();
      stepping += Clock::now() - begin;
      micros.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
    }
    std::sort(micros.begin(), micros.end());
    const double seconds = std::chrono::duration<double>(stepping).count();
    std::printf("N=%-4zu p50 %7.0f us   p99 %7.0f us   %8.0f steps/s\n", width, micros[micros.size() / 2],
                micros[micros.size() * 99 / 100], static_cast<double>(micros.size() * width) / seconds);
  }

 private:
  void renew(Flow& flow) {
    const std::string uuid = "probe-" + std::to_string(++jobs_);
    ports::ClaimRequest request;
    request.new_flow.value.bytes[0] = 0x42;
    for (std::size_t i = 0; i < 8; ++i)
      request.new_flow.value.bytes[8 + i] =
          static_cast<std::uint8_t>((jobs_ * 0x9E3779B97F4A7C15ULL) >> (8 * i));
    request.posting = Posting::make(JobId(uuid), "probe", Priority::Normal, Value::from_stored("{}")).value();
    request.board_path = "/probe/" + uuid;
    request.board_id = "probe";
    request.lock_czxid = static_cast<std::int64_t>(jobs_);
    request.conductor_name = "probe";
    flow = {};
    ++open_;
    store_.claim(request, [this, &flow](const Result<ports::ClaimOutcome, ports::StoreError>& outcome) {
      if (!outcome.ok()) give_up(outcome.error().message);
      flow.claim = outcome.value();
      ports::StepWrite first = write_of(flow);
      first.plan = "{}";
      for (AtomIndex atom = 0; atom < kAtoms; ++atom)
        first.atom_names.push_back("atom-" + std::to_string(atom));
      first.facts.push_back({++flow.seq, FlowFact{}});
      first.facts.push_back(fact(flow, 0, AtomState::Pending, AtomState::Running));
      append(std::move(first));
      --open_;
    });
  }

  static ports::StepWrite write_of(const Flow& flow) {
    ports::StepWrite write;
    write.flow = flow.claim.flow;
    write.epoch = flow.claim.epoch;
    return write;
  }

  void step(Flow& flow) {
    ports::StepWrite write = write_of(flow);
    write.facts.push_back(fact(flow, flow.running, AtomState::Running, AtomState::Success));
    write.facts.push_back(fact(flow, ++flow.running, AtomState::Pending, AtomState::Running));
    append(std::move(write));
  }

  void append(ports::StepWrite write) {
    ++open_;
    store_.append(std::move(write), [this](const Result<void, ports::StoreError>& outcome) {
      if (!outcome.ok()) give_up(outcome.error().message);
      --open_;
    });
  }

  void wait() {
    run_until([this] { return open_ == 0; });
  }
  template <class Done>
  void run_until(Done done) {
    io_.restart();
    while (!done()) io_.run_one();
  }

  boost::asio::io_context io_;
  postgres::PostgresFlowStore store_;
  std::size_t open_ = 0;
  std::uint64_t jobs_ = 0;
};

/// "97 % of 12345", and drops the schema.
std::string hot_share_then_drop(const std::string& conninfo, const std::string& schema) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(conninfo.c_str()), &PQfinish);
  PQsetNoticeProcessor(
      connection.get(), [](void*, const char*) {}, nullptr);
  const std::string query =
      "select round(100.0 * n_tup_hot_upd / greatest(n_tup_upd, 1)) || ' % of ' || n_tup_upd from"
      " pg_stat_user_tables where relid = '" +
      schema + ".atoms'::regclass";
  const std::unique_ptr<PGresult, decltype(&PQclear)> share(PQexec(connection.get(), query.c_str()),
                                                            &PQclear);
  std::string text = PQntuples(share.get()) == 1 ? PQgetvalue(share.get(), 0, 0) : "unknown";
  PQclear(PQexec(connection.get(), ("drop schema " + schema + " cascade").c_str()));
  return text;
}

}  // namespace

int main(int count, char** words) {
  if (count < 2) give_up("usage: store_probe CONNINFO [SECONDS [N]]");
  const std::string conninfo = words[1];
  const auto time = std::chrono::milliseconds(count > 2 ? std::atoi(words[2]) * 1000 : 3000);
  const std::string schema = "probe_" + std::to_string(::getpid());
  const auto migrated = postgres::migrate(conninfo, schema, [](std::string_view) {});
  if (!migrated.ok()) give_up(migrated.error().message);
  {
    Probe probe(conninfo, schema);
    const std::vector<std::size_t> all{1, 1, 10, 100, 1000};  // the first warms up
    const std::vector<std::size_t> one{count > 3 ? static_cast<std::size_t>(std::atoi(words[3])) : 0};
    for (const std::size_t width : count > 3 ? one : all) probe.measure(width, time);
  }
  ::usleep(1'200'000);  // the server's statistics come a second late
  std::printf("HOT updates of atoms: %s\n", hot_share_then_drop(conninfo, schema).c_str());
}
