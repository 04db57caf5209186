#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "common/ports/clock.h"
#include "common/ports/directory.h"
#include "common/ports/entropy.h"
#include "common/ports/executor.h"

namespace baton::memory {

class MemorySession;

/// A ZooKeeper in memory: one tree of nodes, sessions whose ephemeral nodes go with them, zxids. Board and
/// directory of every simulated process stand on one of these. Deterministic. Owner's thread only, one for
/// all sessions. Executor, clock and entropy must outlive it, and it the sessions.
class MemoryEnsemble {
 public:
  struct Settings {
    Millis session_timeout{4000};
    Millis latency{0};  // until a request arrives, where the session has no link of its own
  };
  using Body = std::variant<std::monostate, ports::Advert, ports::Member>;  // of the directory's nodes
  struct Node {
    std::string data;
    Body body;
    std::int64_t czxid = 0;
    TimePoint created{};
    std::uint64_t session = 0;  // 0: persistent
  };
  /// What a copy of its disk holds.
  struct Backup {
    std::map<std::string, Node> nodes;
    std::map<std::string, std::uint32_t> sequences;  // per folder
    std::int64_t zxid = 0;
  };
  /// A node was made (or replaced), or is gone.
  using Seen = std::function<void(const std::string& path, const Node&, bool gone)>;

  MemoryEnsemble(ports::Executor&, ports::Clock&, ports::Entropy&, Settings);
  MemoryEnsemble(ports::Executor& executor, ports::Clock& clock, ports::Entropy& entropy)
      : MemoryEnsemble(executor, clock, entropy, Settings{}) {}

  // ---- what can happen to the server
  /// It loses everything: nodes, sessions, its count of zxids. Who stands here begins anew.
  void wipe() { restore({}); }
  Backup backup() const { return tree_; }
  /// It is what it was then. No session goes on; those of that time end by their timeout.
  void restore(Backup);
  /// While it is down no session ends. Up again, each has its whole timeout to be heard of.
  void set_down(bool);
  /// A supervisor closes the session of a process that it saw die; also its own way to end it.
  void end_session(std::uint64_t session);
  bool lives(std::uint64_t session) const;

  // The tree, for board, directory and tests that play another client. All at once, no latency.
  const Node* find(const std::string& path) const;
  /// Null: it exists already.
  const Node* create(const std::string& path, std::string data, std::uint64_t session = 0);
  /// An ephemeral node of the session; replaces the one that is there.
  void put(const std::string& path, Body body, std::uint64_t session);
  /// path + a number that counts up for the whole parent, ten digits.
  std::string create_sequential(const std::string& path, std::string data);
  bool remove(const std::string& path);
  /// Names right under the folder, in order.
  std::vector<std::string> children(const std::string& folder) const;
  /// The first word of the node: an id, made by the first who asks.
  std::string id_at(const std::string& path);

  void watch(Seen seen) { seen_ = std::move(seen); }
  const Settings& settings() const { return settings_; }
  ports::Executor& executor() { return executor_; }
  ports::Clock& clock() { return clock_; }
  ports::Entropy& entropy() { return entropy_; }

 private:
  friend class MemorySession;
  struct Living {
    ports::TimerId expiry = 0;  // 0: it is heard of
    bool silent = false;
    bool ghost = false;  // of before a restore: nobody can go on with it
    bool dead = false;   // what its client had said before is not a sign of life
  };

  std::uint64_t begin_session();
  /// Heard of, or not: then it ends when the timeout has passed.
  void heard(std::uint64_t session);
  void fell_silent(std::uint64_t session);
  void arm(std::uint64_t session, Living&);
  void changed();

  ports::Executor& executor_;
  ports::Clock& clock_;
  ports::Entropy& entropy_;
  const Settings settings_;
  Backup tree_;
  std::uint64_t last_session_ = 0;
  std::map<std::uint64_t, Living> living_;
  bool down_ = false;
  std::vector<MemorySession*> clients_;  // in the order of their making
  Seen seen_;
};

}  // namespace baton::memory
