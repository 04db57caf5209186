#include "conductor/api/metrics_text.h"

#include <array>

namespace baton::api {
namespace {

using conductor::Counters;
using conductor::Gauges;

struct CounterLine {
  const char* name;
  const char* help;
  std::uint64_t Counters::*value;
};
constexpr std::array kCounters{
    CounterLine{"jobs_claimed", "Jobs claimed from the board.", &Counters::jobs_claimed},
    CounterLine{"claims_lost", "Claims that another conductor won, or whose job was gone by then.",
                &Counters::claims_lost},
    CounterLine{
        "claims_refused",
        "Jobs given back, since the store names a later claim, or their claim ended without a clear commit.",
        &Counters::claims_refused},
    CounterLine{"jobs_finished", "Jobs brought to a final state.", &Counters::jobs_finished},
    CounterLine{"jobs_freed", "Claims given back.", &Counters::jobs_freed},
    CounterLine{"jobs_refused", "Jobs ended REJECTED or TRASHED.", &Counters::jobs_refused},
    CounterLine{"steps", "Steps of flows committed.", &Counters::steps},
    CounterLine{"facts", "Facts remembered.", &Counters::facts},
    CounterLine{"atoms_finished", "Executions and reverts that ended.", &Counters::atoms_finished},
    CounterLine{"requests_sent", "Requests sent to workers.", &Counters::requests_sent},
    CounterLine{"request_messages", "Kafka messages that carried requests.", &Counters::request_messages},
    CounterLine{"requests_resent", "Requests sent again: not acknowledged or not reported.",
                &Counters::requests_resent},
    CounterLine{"reply_messages", "Kafka messages of workers to this conductor.", &Counters::reply_messages},
    CounterLine{"answers", "Answers of workers.", &Counters::answers},
    CounterLine{"answers_stale", "Answers to older deliveries, not recorded.", &Counters::answers_stale},
    CounterLine{"deliveries_lost", "Deliveries whose worker was lost.", &Counters::deliveries_lost},
    CounterLine{"handed_back", "Requests that workers handed back.", &Counters::handed_back},
    CounterLine{"reloads", "Flows loaded again after an unclear commit.", &Counters::reloads},
    CounterLine{"boards_restored", "Times that the board was found restored from a backup.",
                &Counters::boards_restored},
    CounterLine{"sweeps", "Sweeps of the board that this conductor has ended.", &Counters::sweeps},
    CounterLine{"jobs_reposted",
                "Jobs that had not ended and were not on the board, posted again by a sweep.",
                &Counters::jobs_reposted},
    CounterLine{"orders_taken", "Orders of people that flows have taken.", &Counters::orders_taken},
    CounterLine{"hook_calls_recorded", "Calls of hooks that this conductor has recorded.",
                &Counters::hook_calls_recorded},
    CounterLine{"hook_calls_done", "Calls of hooks that were taken.", &Counters::hook_calls_done},
    CounterLine{"hook_calls_failed", "Attempts to call a hook that failed.", &Counters::hook_calls_failed},
    CounterLine{"hook_calls_given_up", "Calls of hooks that were given up: nobody has been told.",
                &Counters::hook_calls_given_up},
};

struct GaugeLine {
  const char* name;
  const char* help;
  std::size_t Gauges::*value;
};
constexpr std::array kGauges{
    GaugeLine{"flows", "Flows that this conductor holds.", &Gauges::flows},
    GaugeLine{"atoms", "Atoms of these flows.", &Gauges::atoms},
    GaugeLine{"atoms_running", "Atoms that are out at workers.", &Gauges::running},
    GaugeLine{"atoms_waiting", "Atoms that could start and wait for a worker.", &Gauges::waiting},
    GaugeLine{"board_jobs", "Jobs on the board, claimed ones too.", &Gauges::board_jobs},
    GaugeLine{"candidates", "Jobs on the board that could be claimed.", &Gauges::candidates},
    GaugeLine{"left_alone", "Jobs on the board that this conductor cannot run.", &Gauges::left_alone},
    GaugeLine{"parked", "Jobs whose node is gone though they have not ended.", &Gauges::parked},
    GaugeLine{"workers", "Workers known.", &Gauges::workers},
    GaugeLine{"conductors", "Conductors known.", &Gauges::conductors},
    GaugeLine{"hook_calls", "Calls of hooks that are being made.", &Gauges::hook_calls},
};

struct FlagLine {
  const char* name;
  const char* help;
  bool Gauges::*value;
};
constexpr std::array kFlags{
    FlagLine{"board_reachable", "1: ZooKeeper answers.", &Gauges::board},
    FlagLine{"store_reachable", "1: Postgres answers.", &Gauges::store},
    FlagLine{"bus_reachable", "1: Kafka answers, and our inbox brings what is sent to it.", &Gauges::bus},
    FlagLine{"draining", "1: takes no new jobs, is about to end.", &Gauges::draining},
};

void append(std::string& out, std::string name, const char* help, const char* type, std::uint64_t value) {
  name.insert(0, "baton_conductor_");
  out += "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n" + name + " " +
         std::to_string(value) + "\n";
}

void append_unreadable(std::string& out, const runtime::UnreadableCounts& counts) {
  const std::string name = "baton_conductor_unreadable_total";
  out += "# HELP " + name + " What came from outside and could not be taken, by what it was.\n# TYPE " +
         name + " counter\n";
  for (std::size_t kind = 0; kind < counts.by_kind.size(); ++kind)
    out += name + "{kind=\"" + std::string(to_string(static_cast<runtime::UnreadableKind>(kind))) + "\"} " +
           std::to_string(counts.by_kind[kind]) + "\n";
}

}  // namespace

std::string metrics_text(const conductor::Inspection& inspection) {
  std::string out;
  const auto counters = inspection.counters();
  for (const auto& line : kCounters)
    append(out, std::string(line.name) + "_total", line.help, "counter", counters.*line.value);
  append_unreadable(out, counters.unreadable);
  const auto gauges = inspection.gauges();
  for (const auto& line : kGauges) append(out, line.name, line.help, "gauge", gauges.*line.value);
  for (const auto& line : kFlags) append(out, line.name, line.help, "gauge", gauges.*line.value ? 1 : 0);
  return out;
}

}  // namespace baton::api
