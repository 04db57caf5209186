#pragma once

#include <vector>

#include "common/runtime/server_settings.h"
#include "common/runtime/setting.h"

/// What baton-conductor can be told beside the servers (common/runtime/server_settings.h) and the log. `baton
/// admin` reads the same file.
namespace baton::conductor::settings {

using runtime::Setting;

inline constexpr Setting<std::string> kName{
    .name = "conductor.name",
    .doc = "What people see; empty: the host's name. Need not be unique.",
    .fallback = ""};
inline constexpr Setting<std::string> kBoard{
    .name = "conductor.board_path",
    .doc =
        "The board's folder of jobs in ZooKeeper. One of the fleet's own: a Python conductor there would "
        "trash our jobs.",
    .fallback = "/taskflow/jobs"};
inline constexpr Setting<std::int64_t> kBoardShards{
    .name = "conductor.board_shards",
    .doc =
        "Over so many folders the board is spread: from 2 on jobs are in <board>.0/jobs, <board>.1/jobs, … "
        "and no longer in <board>/jobs. For more than some 10,000 posted jobs. One number for all "
        "conductors: "
        "the first one notes it, and `baton admin shards` changes it.",
    .unit = "folders",
    .fallback = 1,
    .min = 1,
    .max = 64};
inline constexpr Setting<std::vector<std::string>> kModules{
    .name = "conductor.modules", .doc = "Modules (.so) whose flows can be posted by name.", .fallback = ""};
inline constexpr Setting<std::int64_t> kFlowsMax{
    .name = "conductor.flows_max",
    .doc = "Flows held at once; at the bound nothing more is claimed.",
    .unit = "flows",
    .fallback = 2'000,
    .min = 1,
    .max = 100'000};
inline constexpr Setting<std::int64_t> kPrefetch{
    .name = "conductor.prefetch",
    .doc = "Requests placed at a worker beyond its slots, so that it has the next at hand.",
    .unit = "requests",
    .fallback = 8,
    .min = 0,
    .max = 10'000};
inline constexpr Setting<Millis> kDrain{.name = "conductor.drain_ms",
                                        .doc = "How long a drain may take to hand over what is claimed.",
                                        .fallback = Millis{10'000},
                                        .min = Millis{100},
                                        .max = Millis{600'000}};
inline constexpr Setting<std::string> kHooksFile{.name = "conductor.hooks_file",
                                                 .doc =
                                                     "Who is called when a flow fails, is reverted or stalls "
                                                     "(docs/hooks.md); YAML or JSON. Empty: nobody.",
                                                 .fallback = ""};
inline constexpr Setting<std::string> kApiAddress{
    .name = "api.address",
    .doc =
        "Where the HTTP API listens. It has no logins: anything but loopback belongs behind something that "
        "has.",
    .fallback = "127.0.0.1"};
inline constexpr Setting<std::int64_t> kApiPort{.name = "api.port",
                                                .doc = "Its port; 0: any that is free.",
                                                .unit = {},
                                                .fallback = 27080,
                                                .min = 0,
                                                .max = 65'535};
inline constexpr Setting<std::string> kApiAdvertised{
    .name = "api.advertised",
    .doc =
        "Host, or host:port, under which others reach the API, as the list of conductors shows it; empty: "
        "api.address with the port that is bound, or this host's name where api.address is a wildcard.",
    .fallback = ""};
inline constexpr Setting<std::string> kPostgres{
    .name = "postgres.conninfo",
    .doc =
        "libpq's connection string; several hosts may stand in it. May hold a password: never on a command "
        "line.",
    .fallback = "host=127.0.0.1 port=5432 dbname=baton user=baton",
    .choices = {},
    .secret = true};
inline constexpr Setting<std::string> kSchema{
    .name = "postgres.schema", .doc = "The schema that holds Baton's tables.", .fallback = "baton"};
inline constexpr Setting<std::int64_t> kPartitions{
    .name = "kafka.partitions",
    .doc =
        "Partitions of each topic when `baton admin topics` makes them: one inbox a process; more processes "
        "share.",
    .unit = "partitions",
    .fallback = 64,
    .min = 1,
    .max = 10'000};
inline constexpr Setting<std::int64_t> kReplication{.name = "kafka.replication",
                                                    .doc = "Replicas of each topic when they are made.",
                                                    .unit = "replicas",
                                                    .fallback = 1,
                                                    .min = 1,
                                                    .max = 100};

/// All that a conductor's settings file may hold.
std::vector<runtime::SettingSpec> all();

}  // namespace baton::conductor::settings
