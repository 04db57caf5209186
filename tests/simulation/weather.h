#pragma once

#include "tests/simulation/cluster.h"
#include "tests/simulation/coverage.h"

namespace baton::simulation {

enum class Faults { None, Any };  // of the world; what tasks do by their scripts (fail, hang) stays

/// The faults of one seed: which kinds there are at all, how dense they come, and whom they hit. Every kind
/// ends by itself; after end() no new one comes.
class Weather {
 public:
  Weather(Cluster&, Coverage&);

  void begin(Faults);
  void end() { over_ = true; }

 private:
  using Kind = void (Weather::*)();
  struct Armed {
    Step step;
    std::uint64_t after = 0;  // so many more of that step
  };

  void next();
  void strike();
  std::vector<Kind> pick_kinds();
  void set_messages();
  memory::MemoryBroker::Fate fate_of(std::string_view bytes);

  // processes (weather_processes.cc)
  void crash();
  void crash_at_a_step();
  void stop();
  void expire();
  void slow_worker();
  void restart_all();
  void jump_clock();
  void stepped(Cluster::Seat&, Step);
  void kill(Cluster::Seat&, const std::string& fault);

  // the network and the servers (weather_servers.cc)
  void cut_one();
  void cut_all();
  void break_store();
  void store_outage();
  void board_outage();
  void bus_outage();
  void slow_network();

  // told to stop, and lost replies (weather_drains.cc)
  void plan_drains();
  void next_drain(Millis gap);
  void drain();
  void lose_reply();

  // what servers lose (weather_losses.cc)
  void plan_losses();
  void wipe_board();
  void restore_board();
  void lose_board(const std::string& fault, const World::BoardBackup&);
  void promote_standby();
  void forget(const std::shared_ptr<const WatchedDatabase::Past>&);

  Cluster::Seat& any_seat() { return *dice_.of(cluster_.seats()); }
  Cluster::Seat* living_seat();
  void cut(Cluster::Seat&, Server, Millis how_long);
  void met(const std::string& fault, const Node& node);
  /// Runs when the time has passed, if that very life still lives.
  void later(Cluster::Seat&, Millis, std::function<void(Node&)>);

  Cluster& cluster_;
  World& world_;
  Coverage& coverage_;
  Dice dice_;
  Dice outages_, losses_, drains_;
  bool over_ = false;
  bool losing_ = false;  // a copy was made, what comes after it is about to be lost
  Micros board_down_until_{0};
  std::vector<Kind> kinds_;
  Millis gap_{0};
  std::uint64_t lost_ = 0, twice_ = 0, late_ = 0;  // of a thousand messages
  Millis latest_{0};
  std::map<const Cluster::Seat*, Armed> armed_;
};

}  // namespace baton::simulation
