#include "doctor/server_asking.h"

#include <algorithm>
#include <chrono>

#include "common/runtime/setting_text.h"
#include "common/zookeeper/boards.h"
#include "doctor/kafka_apis.h"
#include "doctor/tcp_question.h"

namespace baton::doctor {
namespace {

constexpr const char* kZooKeeperPort = "2181";
constexpr const char* kKafkaPort = "9092";

/// Before the round gives up, so that who accepts and says nothing is told as that.
Millis before(Millis deadline) {
  return deadline * 3 / 4;
}

/// "zk-1:2181,zk-2:2181/chroot": the servers, without the path that the client library puts before ours.
std::vector<std::string> servers_of(const std::string& hosts) {
  return runtime::split(hosts.substr(0, hosts.find('/')), ',');
}

ZooKeeperServerSeen ask_four_letters(const std::string& address, Millis deadline) {
  ZooKeeperServerSeen seen;
  seen.address = address;
  const auto [host, port] = host_and_port(address, kZooKeeperPort);
  const auto begin = std::chrono::steady_clock::now();
  auto said = ask_over_tcp(host, port, "srvr", before(deadline), [](std::string_view) { return false; });
  seen.took = std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - begin);
  if (said.ok())
    seen.said = std::move(said).value();
  else
    seen.trouble = said.error();
  return seen;
}

void ask_zookeeper_server(Round& round, Seen& seen, std::size_t which, std::size_t server, Millis deadline) {
  const auto place = [&seen, which, server]() -> ZooKeeperServerSeen& {
    return seen.zookeepers[which].servers[server];
  };
  const std::string address = place().address;
  round.add({"ZooKeeper " + address,
             [place, address, deadline]() -> Record {
               const auto said = ask_four_letters(address, deadline);
               return [place, said] { place() = said; };
             },
             [place](const std::string& why) { place().trouble = why; }});
}

/// Of the board, or of its shards; none: the settings have no board.
std::vector<std::string> folders_of_board(const SettingsSeen& settings) {
  std::vector<std::string> folders;
  if (settings.board_path.empty()) return folders;
  const auto paths = zookeeper::board_paths(settings.board_path, settings.board_shards);
  if (!paths.ok()) return {settings.board_path};
  for (const auto& path : *paths) folders.push_back(path.jobs());
  return folders;
}

ZooKeeperSeen zookeeper_of(const SettingsSeen& settings) {
  ZooKeeperSeen zookeeper;
  zookeeper.hosts = settings.zookeeper_hosts;
  zookeeper.asked = settings.session_timeout;
  for (const auto& address : servers_of(zookeeper.hosts)) {
    zookeeper.servers.emplace_back();
    zookeeper.servers.back().address = address;
  }
  return zookeeper;
}

std::vector<zookeeper::BoardPath> boards_of(const ZooKeeperSeen& seen) {
  std::vector<zookeeper::BoardPath> boards;
  for (const auto& [path, shards] : seen.boards)
    if (auto board = zookeeper::BoardPath::parse(path); board.ok())
      boards.push_back(std::move(board).value());
  return boards;
}

void ask_zookeeper(Round& round, Seen& seen, std::size_t which, Millis deadline) {
  const auto& zookeeper = seen.zookeepers[which];
  for (std::size_t i = 0; i < zookeeper.servers.size(); ++i)
    ask_zookeeper_server(round, seen, which, i, deadline);
  round.add({"ZooKeeper session",
             [&seen, which, hosts = zookeeper.hosts, timeout = zookeeper.asked, paths = zookeeper.paths,
              boards = boards_of(zookeeper), deadline]() -> Record {
               const auto look = zookeeper::look_at_ensemble(hosts, timeout, paths, boards, before(deadline));
               return [&seen, which, look] { seen.zookeepers[which].session = look; };
             },
             [&seen, which](const std::string& why) {
               zookeeper::EnsembleLook late;
               late.trouble = "no session, or in it " + why;
               seen.zookeepers[which].session = late;
             }});
}

KafkaApisSeen ask_apis(const std::string& address, Millis deadline) {
  const auto [host, port] = host_and_port(address, kKafkaPort);
  const auto said = ask_over_tcp(host, port, api_versions_request(), before(deadline), api_versions_answered);
  if (said.ok()) return read_api_versions(*said);
  KafkaApisSeen seen;
  seen.trouble = said.error();
  return seen;
}

void ask_broker(Round& round, Seen& seen, std::size_t which, std::size_t broker, const std::string& prefix,
                Millis deadline) {
  const auto place = [&seen, which, broker]() -> BrokerSeen& { return seen.kafkas[which].each[broker]; };
  const std::string address = place().look.broker;
  round.add({"Kafka " + address,
             [place, address, prefix, deadline]() -> Record {
               kafka::KafkaSettings settings;
               settings.brokers = address;
               settings.topic_prefix = prefix;
               settings.client_id = "baton-doctor";
               const auto look = kafka::look_at_broker(settings, deadline * 3 / 8);  // twice that at most
               return [place, look] { place().look = look; };
             },
             [place](const std::string& why) { place().look.trouble = why; }});
  round.add({"Kafka " + address,
             [place, address, deadline]() -> Record {
               const auto apis = ask_apis(address, deadline);
               return [place, apis] { place().apis = apis; };
             },
             [place](const std::string& why) {
               place().apis = KafkaApisSeen{why, {}};
             }});
}

void ask_kafka(Round& round, Seen& seen, const SettingsSeen& settings, Millis deadline) {
  for (auto& known : seen.kafkas) {
    if (known.brokers != settings.brokers || known.topic_prefix != settings.topic_prefix) continue;
    known.partitions = std::max(known.partitions, settings.partitions);
    known.replication = std::max(known.replication, settings.replication);
    return;
  }
  KafkaSeen kafka;
  kafka.brokers = settings.brokers;
  kafka.topic_prefix = settings.topic_prefix;
  kafka.partitions = settings.partitions;
  kafka.replication = settings.replication;
  for (const auto& address : runtime::split(settings.brokers, ',')) {
    kafka.each.emplace_back();
    kafka.each.back().look.broker = address;
  }
  const auto which = seen.kafkas.size();
  seen.kafkas.push_back(kafka);
  for (std::size_t i = 0; i < kafka.each.size(); ++i)
    ask_broker(round, seen, which, i, kafka.topic_prefix, deadline);
}

void ask_postgres(Round& round, Seen& seen, const SettingsSeen& settings, Millis deadline) {
  const auto info = postgres::parse_conninfo(settings.conninfo);
  if (settings.conninfo.empty() || !info.ok()) return;
  PostgresSeen database;
  database.place = postgres::place_of(*info);
  database.schema = settings.schema;
  for (const auto& known : seen.postgreses)
    if (known.place == database.place && known.schema == database.schema) return;
  const auto which = seen.postgreses.size();
  const auto each = postgres::each_host(*info);
  for (const auto& one : each) {
    database.hosts.emplace_back();
    database.hosts.back().place = postgres::place_of(one);
  }
  seen.postgreses.push_back(database);
  for (std::size_t i = 0; i < each.size(); ++i) {
    const auto place = [&seen, which, i]() -> postgres::HostLook& { return seen.postgreses[which].hosts[i]; };
    round.add({"Postgres " + place().place,
               [place, one = each[i], schema = database.schema, deadline]() -> Record {
                 const auto look = postgres::look_at_host(one, schema, before(deadline));
                 return [place, look] { place() = look; };
               },
               [place](const std::string& why) { place().trouble = why; }});
  }
}

}  // namespace

std::vector<ZooKeeperSeen> zookeepers_of(const std::vector<SettingsSeen>& files) {
  std::vector<ZooKeeperSeen> all;
  for (const auto& settings : files) {
    if (!settings.usable()) continue;
    auto known = std::find_if(all.begin(), all.end(), [&](const auto& one) {
      return one.hosts == settings.zookeeper_hosts && one.asked == settings.session_timeout;
    });
    if (known == all.end()) known = all.insert(all.end(), zookeeper_of(settings));
    auto paths = folders_of_board(settings);
    paths.insert(paths.begin(), settings.fleet_path);
    if (settings.board_shards > 0) known->boards.emplace(settings.board_path, settings.board_shards);
    for (const auto& path : paths)
      if (!path.empty() && std::find(known->paths.begin(), known->paths.end(), path) == known->paths.end())
        known->paths.push_back(path);
  }
  return all;
}

void ask_servers(Round& round, Seen& seen, Millis deadline) {
  seen.zookeepers = zookeepers_of(seen.settings);
  for (std::size_t i = 0; i < seen.zookeepers.size(); ++i) ask_zookeeper(round, seen, i, deadline);
  for (const auto& settings : seen.settings) {
    if (!settings.usable()) continue;
    ask_kafka(round, seen, settings, deadline);
    ask_postgres(round, seen, settings, deadline);
  }
}

}  // namespace baton::doctor
