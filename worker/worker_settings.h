#pragma once

#include <vector>

#include "common/runtime/setting.h"

/// What baton-worker can be told beside the servers (common/runtime/server_settings.h) and the log.
namespace baton::worker::settings {

using runtime::Setting;

inline constexpr Setting<std::string> kName{
    .name = "worker.name",
    .doc = "What people see; empty: the host's name. Need not be unique.",
    .fallback = ""};
inline constexpr Setting<std::int64_t> kSlots{.name = "worker.slots",
                                              .doc = "Tasks that run at once.",
                                              .unit = "tasks",
                                              .fallback = 8,
                                              .min = 1,
                                              .max = 1'024};
inline constexpr Setting<std::int64_t> kPrefetch{
    .name = "worker.prefetch",
    .doc = "Requests that may wait for a slot; over it they are handed back.",
    .unit = "requests",
    .fallback = 64,
    .min = 0,
    .max = 10'000};
inline constexpr Setting<std::vector<std::string>> kLabels{
    .name = "worker.labels", .doc = "key=value; atoms may ask for workers that carry them.", .fallback = ""};
inline constexpr Setting<std::vector<std::string>> kModules{
    .name = "worker.modules", .doc = "Modules (.so) whose task types this worker runs.", .fallback = ""};
inline constexpr Setting<std::vector<std::string>> kCommands{
    .name = "worker.commands",
    .doc = "JSON files of command tasks: {\"cluster.configure\": {\"argv\": [\"configure\"]}}.",
    .fallback = ""};
inline constexpr Setting<std::vector<std::string>> kCommandPrograms{
    .name = "worker.command_programs",
    .doc =
        "Paths of programs that tasks of type 'command' may run with any arguments, or * for every program; "
        "none: this type is not offered. Who may post a job may run them.",
    .fallback = ""};
inline constexpr Setting<std::string> kCommandGuard{
    .name = "worker.command_guard",
    .doc = "The program baton-command-guard; empty: the one beside this program.",
    .fallback = ""};
inline constexpr Setting<Millis> kReportInterval{.name = "worker.report_interval_ms",
                                                 .doc = "Between two reports of what is held.",
                                                 .fallback = Millis{250},
                                                 .min = Millis{50},
                                                 .max = Millis{10'000}};
inline constexpr Setting<std::int64_t> kAnswersMax{
    .name = "worker.answers_max",
    .doc = "Answers kept until they are recorded; at the bound no new work is taken.",
    .unit = "answers",
    .fallback = 10'000,
    .min = 1,
    .max = 1'000'000};
inline constexpr Setting<std::int64_t> kAnswerBytesMax{.name = "worker.answers_max_bytes",
                                                       .doc = "The same by their size.",
                                                       .unit = "bytes",
                                                       .fallback = std::int64_t{64} * 1024 * 1024,
                                                       .min = std::int64_t{1} * 1024 * 1024,
                                                       .max = std::int64_t{16} * 1024 * 1024 * 1024};
inline constexpr Setting<Millis> kDrain{
    .name = "worker.drain_ms",
    .doc = "After SIGTERM: how long running tasks may take to end and their answers to be recorded.",
    .fallback = Millis{60'000},
    .min = Millis{0},
    .max = Millis{86'400'000}};

/// All that a worker's settings file may hold.
std::vector<runtime::SettingSpec> all();

}  // namespace baton::worker::settings
