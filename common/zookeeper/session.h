#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/model/time.h"
#include "common/ports/clock.h"
#include "common/ports/executor.h"
#include "common/zookeeper/node.h"

namespace baton::zookeeper {

/// The process's link to ZooKeeper: one session after the other, shared by board and directory.
/// Owner's thread only; callbacks are posted to the executor, never inline, also after close() and after this
/// object's end (then with SessionLost, or not at all where the caller's own object is gone).
///
/// A session is over when the server says so, or when it gives sessions to others but none to us for a whole
/// timeout after we have been cut off for one: a wiped or restored ZooKeeper never says "expired"
/// (PROTOCOL.md H12). While no server can be reached, and while one is paused, the old session is kept. The
/// next session is opened at once and for ever.
///
/// Executor and clock must outlive it. Its end closes the session: its ephemeral nodes vanish.
class Session {
 public:
  struct Settings {
    std::string hosts;       // "127.0.0.1:2181,…"
    Millis timeout{4000};    // asked for; the server clamps it
    std::string file;        // where id and password are kept for the supervisor; empty: nowhere
    std::string death_note;  // the node that the supervisor makes when this process has died; empty: none
    /// Lines for the log: a session lost and why, a host that does not resolve. May be empty.
    std::function<void(const std::string&)> note;
  };
  struct Listener {
    virtual ~Listener() = default;
    virtual void on_session() = 0;  // a new one stands: number() has grown
    virtual void on_disconnected() = 0;
    virtual void on_reconnected() = 0;  // the same one
    virtual void on_session_lost() = 0;
  };

  Session(Settings, ports::Executor&, ports::Clock&);
  ~Session();

  /// Tells of what comes; nothing of what is: see number() and connected().
  void subscribe(std::weak_ptr<Listener>);
  /// Calls with true as soon as connected, with false when the limit has passed or the session was closed.
  void await_connection(Millis limit, std::function<void(bool)> then);

  /// Counts the sessions of this process from 1; 0 while there is none.
  std::uint64_t number() const;
  bool connected() const;
  bool closed() const;
  std::int64_t id() const;  // 0 while there is none
  Millis timeout() const;   // as granted; 0 while there is none
  /// Asked by an `exists` every sixth of the timeout, one at a time. Since the last request that the server
  /// answered was sent (I14); Millis::max() before the first.
  Millis silent_for() const;

  // Requests go to the session that stands when they are made, and end with it.
  void create(const std::string& path, const std::string& data, NodeKind, Done<std::string>);
  void get(const std::string& path, Done<Node>, std::function<void()> on_change = {});
  void exists(const std::string& path, Done<Stat>);
  void children(const std::string& path, Done<std::vector<std::string>>,
                std::function<void()> on_change = {});
  void set(const std::string& path, const std::string& data, std::int32_t version, Done<Stat>);
  void remove(const std::string& path, std::int32_t version, Done<void>);
  void multi(const std::vector<Op>&, Done<void>);
  /// Waits until this server has seen every earlier write: before a read back.
  void sync(const std::string& path, Done<void>);
  /// Reads many nodes, at most kReadsUnderWayMax at a time; `each` for every path, in their order, then
  /// `end`. `on_change` (may be empty) is called once when such a node changes or goes.
  void get_many(std::vector<std::string> paths,
                std::function<void(const std::string&, Result<Node, Error>)> each, std::function<void()> end,
                std::function<void(const std::string&)> on_change = {});
  static constexpr std::size_t kReadsUnderWayMax = 256;
  /// The path and what is missing above it, as persistent nodes without data.
  void ensure_path(const std::string& path, Done<void>);

  void close();

  ports::Executor& executor() const;
  ports::Clock& clock() const;

 private:
  class Core;
  struct Reading;
  static void read_next(const std::shared_ptr<Reading>&);
  template <class T, class Request>
  void send(Done<T>, Request);
  std::shared_ptr<Core> core_;
};

}  // namespace baton::zookeeper
