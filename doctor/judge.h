#pragma once

#include "doctor/finding.h"
#include "doctor/seen.h"

/// What is thought of what was seen. Pure: the same seen gives the same findings.
namespace baton::doctor {

void judge_conductors(const FleetSeen&, const std::string& own_version, Findings&);
void judge_workers(const FleetSeen&, const std::string& own_version, Findings&);
void judge_jobs(const FleetSeen&, Findings&);
void judge_clocks(const Seen&, Findings&);
void judge_settings(const SettingsSeen&, Findings&);
void judge_agreement(const Seen&, Findings&);
void judge_zookeeper(const ZooKeeperSeen&, Findings&);
void judge_kafka(const KafkaSeen&, Findings&);
void judge_postgres(const PostgresSeen&, Findings&);
void judge_host(const HostSeen&, Findings&);

/// All of them, in the order in which a person would look.
std::vector<Finding> judge(const Seen&);

/// Nobody who was asked has answered, somebody was, and nothing else is wrong.
bool nothing_reachable(const std::vector<Finding>&);

}  // namespace baton::doctor
