#pragma once

#include "common/memory/ensemble.h"
#include "common/memory/message_bus.h"
#include "tests/simulation/cloud.h"
#include "tests/simulation/lot.h"
#include "tests/simulation/scenario.h"
#include "tests/simulation/watched_database.h"
#include "tests/simulation/wire.h"

namespace baton::simulation {

/// The database server's clock: it may jump, as any.
class DatabaseClock final : public ports::Clock {
 public:
  explicit DatabaseClock(memory::EventLoop& loop) : loop_(loop) {}
  TimePoint wall() const override { return loop_.wall() + off_; }
  Micros steady() const override { return loop_.steady(); }
  ports::TimerId after(Millis delay, std::function<void()> then) override {
    return loop_.after(delay, std::move(then));
  }
  void cancel(ports::TimerId timer) override { loop_.cancel(timer); }
  void jump(Millis by) { off_ += by; }

 private:
  memory::EventLoop& loop_;
  Micros off_{0};
};

/// What all processes share: time, the servers, the vendor, the jobs that there are, and who keeps evidence.
class World {
 public:
  World(std::uint64_t seed, const Lot&, bool traced);

  const std::uint64_t seed;
  const Lot lot;
  memory::EventLoop loop;
  Trace trace;
  Evidence evidence;
  std::string speaker;  // whose word a server is dealing with
  const std::vector<ScriptedJob> jobs;
  Cloud cloud;

  memory::SeededEntropy server_entropy;
  DatabaseClock database_clock{loop};
  memory::MemoryEnsemble ensemble;
  memory::MemoryBroker broker;
  const std::shared_ptr<WatchedDatabase> database;

  const TaskScript& script_of(const std::string& job, const std::string& atom) const;
  const ScriptedJob* find(const JobId&) const;
  std::shared_ptr<Wire> wire(Process&, Server);
  /// A node of this job and run is on the board.
  bool stands_on_board(const Posting&) const;
  /// Since when a worker's advert is not there, if it once was.
  Millis unlisted_for(const Incarnation&) const;

  /// A copy of the board server's disk, and that server when it holds such a copy and nothing newer. An empty
  /// copy: it was wiped.
  struct BoardBackup {
    memory::MemoryEnsemble::Backup tree;
    std::map<std::string, std::string> lock_makers;
  };
  BoardBackup backup_board() const { return {ensemble.backup(), lock_makers_}; }
  void restore_board(const BoardBackup&);

  void say(const std::string& what) { trace.line(loop.steady(), what); }

  static constexpr const char* kBoard = "/taskflow/jobs";
  static constexpr Millis kSessionTimeout{2'000};
  static constexpr std::int32_t kPartitions = 4;  // fewer than processes: some share one

 private:
  void advert_changed(const Incarnation&, bool gone);
  void board_changed(const std::string& path, const memory::MemoryEnsemble::Node&, bool gone);
  void lock_changed(const std::string& path, bool gone);

  std::uint64_t last_wire_ = 0;
  std::map<std::string, std::string> lock_makers_;  // path -> process
  std::string last_unlocked_;
  std::map<Incarnation, Micros> unlisted_since_;
};

}  // namespace baton::simulation
