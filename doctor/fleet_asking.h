#pragma once

#include <set>
#include <string>
#include <vector>

#include "doctor/fleet_answers.h"
#include "doctor/round.h"
#include "doctor/seen.h"

namespace baton::doctor {

/// Asks the conductors: those that are named, and then those that they list.
/// Life: as the round's and the fleet's that it fills.
class FleetAsking {
 public:
  FleetAsking(Round& round, FleetSeen& fleet, std::string own_host, Millis deadline)
      : round_(round), fleet_(fleet), own_host_(std::move(own_host)), deadline_(deadline) {}

  void ask(const std::vector<std::string>& addresses);

 private:
  void ask_list(const std::string& address);
  void ask_self(ConductorSeen known);
  void ask_workers(const std::string& address);
  void ask_left_alone(const std::string& address);
  void heard_of(const std::string& address, const std::vector<ListedConductor>&);
  void add(ConductorSeen);
  void add_left_alone(std::vector<LeftAloneSeen>);

  Round& round_;
  FleetSeen& fleet_;
  const std::string own_host_;
  const Millis deadline_;
  std::set<std::string> asked_, asked_left_alone_;  // addresses
  std::set<std::string> incarnations_;              // whom we have asked under some address
};

}  // namespace baton::doctor
