#pragma once

#include <map>
#include <memory>
#include <set>
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
    Millis latency{0};  // between a request and its answer
  };
  using Body = std::variant<std::monostate, ports::Advert, ports::Member>;  // of the directory's nodes
  struct Node {
    std::string data;
    Body body;
    std::int64_t czxid = 0;
    TimePoint created{};
    std::uint64_t session = 0;  // 0: persistent
  };

  MemoryEnsemble(ports::Executor&, ports::Clock&, ports::Entropy&, Settings);
  MemoryEnsemble(ports::Executor& executor, ports::Clock& clock, ports::Entropy& entropy)
      : MemoryEnsemble(executor, clock, entropy, Settings{}) {}

  /// The server loses everything: nodes, sessions, its count of zxids. Who stands here begins anew.
  void wipe();

  // The tree, for board, directory and tests that play another client. All at once, no latency.
  const Node* find(const std::string& path) const;
  /// Null: it exists already.
  const Node* create(const std::string& path, std::string data, std::uint64_t session = 0);
  /// An ephemeral node of the session; replaces the one that is there.
  void put(const std::string& path, Body, std::uint64_t session);
  /// path + a number that counts up for the whole parent, ten digits.
  std::string create_sequential(const std::string& path, std::string data);
  bool remove(const std::string& path);
  /// Names right under the folder, in order.
  std::vector<std::string> children(const std::string& folder) const;
  /// {"id": …} of the node, made by the first who asks.
  std::string id_at(const std::string& path);

  const Settings& settings() const { return settings_; }
  ports::Executor& executor() { return executor_; }
  ports::Clock& clock() { return clock_; }
  ports::Entropy& entropy() { return entropy_; }

 private:
  friend class MemorySession;
  std::uint64_t begin_session();
  void end_session(std::uint64_t session);
  void changed();

  ports::Executor& executor_;
  ports::Clock& clock_;
  ports::Entropy& entropy_;
  const Settings settings_;
  std::map<std::string, Node> nodes_;
  std::map<std::string, std::uint32_t> sequences_;  // per folder
  std::int64_t zxid_ = 0;
  std::uint64_t last_session_ = 0;
  std::set<std::uint64_t> living_;
  std::vector<MemorySession*> clients_;  // in the order of their making
};

/// One process's link to the ensemble, shared by its board and directory: one session after the other.
/// The hooks disconnect(), reconnect() and expire() play the network and the server.
class MemorySession {
 public:
  struct Listener {
    virtual ~Listener() = default;
    virtual void on_session() = 0;
    virtual void on_disconnected() = 0;
    virtual void on_reconnected() = 0;
    virtual void on_session_lost() = 0;
    virtual void on_change() = 0;  // some node changed; told once for many changes
  };

  explicit MemorySession(MemoryEnsemble&);
  ~MemorySession();
  MemorySession(const MemorySession&) = delete;
  MemorySession& operator=(const MemorySession&) = delete;

  void subscribe(std::weak_ptr<Listener>);
  MemoryEnsemble& ensemble() { return ensemble_; }
  /// 0: none (closed, or lost and not yet begun anew).
  std::uint64_t number() const { return number_; }
  bool connected() const { return connected_ && number_ != 0; }
  Millis silent_for() const;

  /// Runs the request on the server after the latency, with what is told here about the link.
  void request(std::function<void()> arrives);

  // ---- hooks ----
  /// The network is cut. After the timeout the server ends the session; this side learns it on reconnect().
  void disconnect();
  void reconnect();
  /// The server ends the session now.
  void expire();
  void close();

 private:
  friend class MemoryEnsemble;
  void begin();
  void lose();  // the session is no more, this side learns it now
  void tell(void (Listener::*)());
  void node_changed();

  MemoryEnsemble& ensemble_;
  std::vector<std::weak_ptr<Listener>> listeners_;
  std::uint64_t number_ = 0;
  bool connected_ = true;
  bool closed_ = false;
  bool change_posted_ = false;
  Micros heard_{0};
  ports::TimerId expiry_ = 0;
  const std::shared_ptr<MemorySession*> self_;  // nulled at the end: posted tasks may come later
};

}  // namespace baton::memory
