#include "doctor/checks.h"

#include <array>

#include "common/model/assert.h"

namespace baton::doctor {
namespace {

constexpr std::array kChecks{
    Check{"conductor.reachable", "conductors walk the flows: without one, jobs wait on the board"},
    Check{"conductor.version", "a fleet of several versions is meant to last for a rolling restart only"},
    Check{"conductor.servers",
          "a conductor that has lost a server gives its jobs to others, or holds them up"},
    Check{"conductor.settings", "conductors of other settings do not see the same jobs, workers or database"},
    Check{"conductor.session",
          "ZooKeeper's session decides how soon a dead host is noticed, and a slow one mistaken"},
    Check{"worker.there", "without workers no task runs"},
    Check{"worker.state", "nothing is placed at a worker that drains or has lost its servers"},
    Check{"worker.version", "a fleet of several versions is meant to last for a rolling restart only"},
    Check{"jobs.waiting", "atoms wait for ever for a task type that nobody offers"},
    Check{"jobs.left_alone", "nobody will run these jobs until a person has done something"},
    Check{"clock.skew",
          "what people read of times, and deadlines before the first claim, follow these clocks"},
    Check{"settings.readable", "a daemon does not start without its settings"},
    Check{"settings.valid",
          "a daemon refuses to start with a setting that it does not know or that is out of bounds"},
    Check{"settings.permissions", "who reads the file has the database's password"},
    Check{"settings.dangerous", "it is allowed, and somebody may be sorry for it"},
    Check{"settings.agree", "a worker and a conductor of other settings never meet"},
    Check{"zookeeper.reachable", "without ZooKeeper nothing is claimed, and dead processes go unnoticed"},
    Check{"zookeeper.version", "session handling of older ones has defects that were mended since"},
    Check{"zookeeper.quorum",
          "the board needs a majority of the servers, and one server alone is lost with its host"},
    Check{"zookeeper.session", "the timeout that the server grants decides how soon a dead host is noticed"},
    Check{"zookeeper.paths", "board and adverts are in these folders"},
    Check{"zookeeper.shards", "a job in a folder that no conductor lists waits for ever"},
    Check{"kafka.reachable", "without Kafka no request reaches a worker, and no answer a conductor"},
    Check{"kafka.version", "requests are sent by an idempotent producer"},
    Check{"kafka.topics", "requests and answers travel in these two topics"},
    Check{"kafka.partitions", "a partition is one process's inbox: with fewer, processes share and filter"},
    Check{"kafka.replication", "a topic with one copy is away while its broker is"},
    Check{"kafka.limits",
          "arguments and results up to the bounds that Baton promises must fit into a message"},
    Check{"kafka.retention", "a message must live until its reader has come back"},
    Check{"postgres.reachable", "nothing is dispatched that is not remembered: without Postgres all stands"},
    Check{"postgres.login", "nothing is dispatched that is not remembered: without Postgres all stands"},
    Check{"postgres.primary", "only a primary takes commits, and two of them lose what one confirms"},
    Check{"postgres.version",
          "older ones are not supported by their makers, and Baton is not tested with them"},
    Check{"postgres.schema", "a conductor does not start on tables of another version"},
    Check{"postgres.fsync", "what was confirmed is lost when the host crashes: jobs run twice or vanish"},
    Check{"postgres.full_page_writes", "a page torn by a power cut loses what was confirmed"},
    Check{"postgres.synchronous_commit", "what was confirmed is lost when the server crashes"},
    Check{"postgres.standbys", "a promotion loses what no standby had confirmed"},
    Check{"postgres.connections", "a conductor that gets no connection after a failover cannot go on"},
    Check{"postgres.idle_in_transaction",
          "a forgotten transaction may hold rows, and keeps vacuum from cleaning"},
    Check{"postgres.autovacuum", "tables that every step updates grow and slow down without it"},
    Check{"host.clock", "logs of several hosts can only be read together when their clocks agree"},
    Check{"host.open_files", "each connection of the API takes a descriptor"},
    Check{"host.folders", "a daemon tells its guardian in this folder how to end its session"},
    Check{"host.guardian", "without it a dead daemon's jobs wait for the session timeout"},
};

}  // namespace

std::span<const Check> checks() {
  return kChecks;
}

std::string_view why_of(std::string_view check) {
  for (const auto& known : kChecks)
    if (known.name == check) return known.why;
  BATON_ASSERT(false);  // a judgement that names no check
  return {};
}

}  // namespace baton::doctor
