#include <algorithm>

#include "common/model/name_list.h"
#include "doctor/bounds.h"
#include "doctor/judge.h"
#include "doctor/words.h"

namespace baton::doctor {
namespace {

std::set<std::string> offered(const FleetSeen& fleet) {
  std::set<std::string> types;
  for (const auto& worker : fleet.workers) types.insert(worker.task_types.begin(), worker.task_types.end());
  return types;
}

/// What all conductors tell of one task type.
std::map<std::string, WaitingSeen> waiting_in_all(const FleetSeen& fleet) {
  std::map<std::string, WaitingSeen> all;
  for (const auto& conductor : fleet.conductors) {
    for (const auto& waiting : conductor.waiting) {
      auto& sum = all[waiting.task_type];
      const auto atoms = sum.atoms + waiting.atoms;
      if (sum.atoms == 0 || waiting.longest > sum.longest) sum = waiting;
      sum.atoms = atoms;
    }
  }
  return all;
}

void judge_state(const WorkerSeen& worker, Findings& findings) {
  if (worker.state == "UNREACHABLE")
    return findings.wrong("worker.state", worker.name, "it has lost its servers (" + worker.state + ")",
                          "see its log on " + worker.host + ", and the network between it and Kafka");
  if (worker.state == "DRAINING")
    return findings.warning("worker.state", worker.name, "it drains: it takes nothing more",
                            "nothing, if somebody restarts it");
  findings.ok("worker.state", worker.name,
              std::to_string(worker.outstanding) + " of " + counted(worker.slots, "slot") +
                  " taken, offers " +
                  counted(static_cast<std::int64_t>(worker.task_types.size()), "task type"));
}

void judge_worker_versions(const FleetSeen& fleet, const std::string& own_version, Findings& findings) {
  std::map<std::string, std::vector<std::string>> versions;
  for (const auto& worker : fleet.workers) versions[worker.version].push_back(worker.name);
  if (versions.empty()) return;
  if (versions.size() == 1 && versions.begin()->first == own_version)
    return findings.ok("worker.version", "all workers", "version " + own_version + ", as this command");
  std::vector<std::string> parts;
  for (const auto& [version, names] : versions) parts.push_back(version + " (" + listed(names) + ")");
  findings.warning("worker.version", "all workers", listed(parts) + "; this command is " + own_version,
                   "if no rolling restart is under way: bring all to the same version");
}

/// What the conductors tell; who offers what is known where the list of workers came.
void judge_waiting(const FleetSeen& fleet, Findings& findings) {
  const auto types = offered(fleet);
  bool waits = false;
  for (const auto& [type, waiting] : waiting_in_all(fleet)) {
    const std::string seen = counted(waiting.atoms, "atom") + " of type '" + type +
                             "' wait, the longest for " + lasting(waiting.longest) + " (job " + waiting.job +
                             "): " + waiting.reason;
    if (fleet.workers_trouble.empty() && !types.contains(type))
      findings.wrong("jobs.waiting", type, seen,
                     "start a worker that offers '" + type + "' (worker.modules, worker.commands)");
    else if (waiting.longest > kWaitingLong)
      findings.warning("jobs.waiting", type, seen, "more workers or slots would help, if this lasts");
    else
      continue;
    waits = true;
  }
  if (!waits) findings.ok("jobs.waiting", "all flows", "no atom waits for a worker in vain");
}

void judge_left_alone(const FleetSeen& fleet, Findings& findings) {
  for (const auto& job : fleet.left_alone)
    findings.warning("jobs.left_alone", job.job + (job.name.empty() ? "" : " (" + job.name + ")"),
                     (job.kind == "parked" ? "parked: " : "left alone: ") + job.reason,
                     job.kind == "parked" ? "post it again under its uuid if it shall go on"
                                          : "see `baton left-alone`; cancel it, or bring what it needs");
  if (!fleet.left_alone_trouble.empty())
    findings.not_looked_at("jobs.left_alone", "the board",
                           "a list of jobs left alone did not come: " + fleet.left_alone_trouble,
                           "ask again");
  else if (fleet.left_alone.empty())
    findings.ok("jobs.left_alone", "the board", "no job is left alone or parked");
}

}  // namespace

void judge_workers(const FleetSeen& fleet, const std::string& own_version, Findings& findings) {
  if (fleet.told_by.empty()) {
    if (!fleet.trouble.empty())
      findings.not_looked_at("worker.there", "the fleet", fleet.trouble,
                             "ask again when a conductor answers");
    return;
  }
  if (!fleet.workers_trouble.empty())
    return findings.not_looked_at("worker.there", "the fleet",
                                  "the list of workers: " + fleet.workers_trouble,
                                  "ask again; if it stays so, see the log of " + fleet.told_by);
  if (fleet.workers.empty())
    return findings.warning("worker.there", "the fleet", "no worker is there",
                            "start one (systemctl start baton-worker); its zookeeper.fleet_path must be the "
                            "conductors'");
  findings.ok(
      "worker.there", "the fleet",
      counted(static_cast<std::int64_t>(fleet.workers.size()), "worker") + ", seen by " + fleet.told_by);
  for (const auto& worker : fleet.workers) judge_state(worker, findings);
  judge_worker_versions(fleet, own_version, findings);
}

void judge_jobs(const FleetSeen& fleet, Findings& findings) {
  if (fleet.told_by.empty()) return;
  judge_waiting(fleet, findings);
  judge_left_alone(fleet, findings);
}

}  // namespace baton::doctor
