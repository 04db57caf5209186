#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/kafka/broker_look.h"
#include "common/model/time.h"
#include "common/postgres/host_look.h"
#include "common/zookeeper/ensemble_look.h"

/// What was asked and what came, before anybody judges it: plain data.
namespace baton::doctor {

/// A clock of somebody else, read between two readings of ours.
struct ClockSeen {
  TimePoint said{}, asked_at{}, answered_at{};
  bool known() const { return said != TimePoint{}; }
};

/// Atoms that wait for a worker, of one task type, as one conductor tells.
struct WaitingSeen {
  std::string task_type, job, reason;
  std::int64_t atoms = 0;
  Millis longest{0};
};

struct ConductorSeen {
  std::string address;     // where it was asked
  std::string trouble;     // why it told nothing
  bool elsewhere = false;  // its API listens on another host's loopback: it was not asked
  bool tells = true;       // false: there is one, but it knows no GET /v1/self; only its version is known
  std::string name, host, version, incarnation;
  ClockSeen clock;
  bool zookeeper = false, kafka = false, postgres = false;  // reachable
  bool draining = false;
  std::string claiming_paused, can_lose;
  Millis session_asked{0}, session_granted{0}, session_silent{0};  // asked 0: it has no ZooKeeper
  std::int64_t schema_version = 0;
  std::map<std::string, std::string> settings;
  std::vector<WaitingSeen> waiting;
};

struct WorkerSeen {
  std::string name, host, state, version;
  std::set<std::string> task_types;
  std::int64_t slots = 0, outstanding = 0;
};

/// A job that no conductor runs.
struct LeftAloneSeen {
  std::string kind;  // "left-alone", "parked"
  std::string job, name, reason;
};

struct FleetSeen {
  bool named = false;  // the operator said where; else it is only the place where one might be
  std::vector<ConductorSeen> conductors;
  std::string told_by;  // the conductor that told of workers and jobs; empty: none
  std::string trouble;  // why none did
  std::string workers_trouble, left_alone_trouble;  // why this list is missing, or not all of it
  std::vector<WorkerSeen> workers;
  std::vector<LeftAloneSeen> left_alone;
};

/// A settings file, and what it says of servers. `conninfo` may hold a password: it is never shown.
struct SettingsSeen {
  std::string file;
  bool worker = false;   // a worker's, else a conductor's
  bool told = true;      // false: no line says which; only what both have is read
  std::string trouble;   // why it cannot be read
  std::string mistakes;  // why its values cannot be used: first line what, the others what to do
  unsigned mode = 0;     // permissions, 0600
  bool holds_password = false;
  bool usable() const { return trouble.empty() && mistakes.empty(); }

  std::string zookeeper_hosts, fleet_path, board_path;
  std::int64_t board_shards = 0;  // 0: it does not say (a worker's)
  Millis session_timeout{0};
  std::string brokers, topic_prefix;
  std::int64_t partitions = 0, replication = 0;  // 0: it does not say (a worker's)
  std::string conninfo, conninfo_problem, schema, schema_problem;
  std::string api_address;
  std::int64_t api_port = 0;
  bool runs_any_program = false;
  std::string runtime_folder;
};

struct ZooKeeperServerSeen {
  std::string address, trouble;
  std::string said;  // to `srvr`
  Millis took{0};
};
struct ZooKeeperSeen {
  std::string hosts;
  Millis asked{0};                 // session timeout
  std::vector<std::string> paths;  // to be looked at
  /// Boards, by path, and over how many folders each is spread as settings say.
  std::map<std::string, std::int64_t> boards;
  std::vector<ZooKeeperServerSeen> servers;
  std::optional<zookeeper::EnsembleLook> session;
};

/// What a broker says that it can speak (ApiVersions).
struct KafkaApisSeen {
  std::string trouble;
  std::map<std::int64_t, std::int64_t> max_version;  // by API key
};
struct BrokerSeen {
  kafka::BrokerLook look;
  std::optional<KafkaApisSeen> apis;
};
struct KafkaSeen {
  std::string brokers, topic_prefix;
  std::int64_t partitions = 0, replication = 0;  // as the settings want them; 0: they do not say
  std::vector<BrokerSeen> each;
};

struct PostgresSeen {
  std::string place, schema, problem;  // problem: the connection string cannot be read
  std::vector<postgres::HostLook> hosts;
};

struct FolderSeen {
  std::string path, trouble;
  std::uint64_t free_bytes = 0;
  unsigned mode = 0;
};
struct HostSeen {
  bool clock_known = false, clock_synchronised = false;
  Millis clock_error{0};  // the kernel's estimate
  std::uint64_t open_files = 0;
  std::string guardian;  // where it should be
  bool guardian_there = false;
  std::vector<FolderSeen> folders;
};

struct Seen {
  std::string version;  // of this program
  std::string host;     // this one
  FleetSeen fleet;
  std::vector<SettingsSeen> settings;
  std::vector<ZooKeeperSeen> zookeepers;
  std::vector<KafkaSeen> kafkas;
  std::vector<PostgresSeen> postgreses;
  HostSeen own;
};

}  // namespace baton::doctor
