#pragma once

#include <list>
#include <memory>

#include "common/memory/ensemble.h"
#include "common/memory/link.h"

namespace baton::memory {

/// One process's link to the ensemble, shared by its board and directory: one session after the other.
///
/// What this side believes and what the server knows are two things: a session can be over for a while before
/// this side hears of it. The hooks play the network, the server, and a process that does not run.
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
  enum class Failed { SessionLost, Unavailable };
  using Answer = std::function<void()>;  // called here
  /// Called at the server, once, if the session lives there then. Must not need this process any more.
  using Ask = std::function<Answer(std::uint64_t session)>;

  /// As from a process: its thread, its clock, its way to the server.
  struct Client {
    ports::Executor& executor;
    ports::Clock& clock;
    std::shared_ptr<Link> link;
    Millis patience{0};  // how long a request waits for a link that is cut; then it is Unavailable
  };

  explicit MemorySession(MemoryEnsemble&);
  MemorySession(MemoryEnsemble&, Client);
  ~MemorySession();
  MemorySession(const MemorySession&) = delete;
  MemorySession& operator=(const MemorySession&) = delete;

  void subscribe(std::weak_ptr<Listener>);
  MemoryEnsemble& ensemble() { return ensemble_; }
  /// 0: none (closed, or lost and not yet begun anew).
  std::uint64_t number() const { return number_; }
  bool connected() const { return connected_ && number_ != 0; }
  Millis silent_for() const;

  /// Asks the server; after a cut the answer is fetched in the same session, so nothing is done twice.
  /// Neither `failed` nor the answer is called inline.
  void exchange(Ask, std::function<void(Failed)> failed);

  // ---- hooks ----
  /// The network is cut, and this side notices. After the timeout the server ends the session; this side
  /// learns it on reconnect().
  void disconnect();
  void reconnect();
  /// As disconnect(), but this side does not notice for two thirds of the timeout: packets are swallowed, or
  /// the process does not run. reconnect() ends it.
  void fall_silent();
  /// The server ends the session now.
  void expire();
  void close();
  /// The process is dead: nothing more comes from it, and the server ends the session when it has been silent
  /// for too long.
  void die();

 private:
  friend class MemoryEnsemble;
  struct Call {
    Ask ask;
    std::function<void(Failed)> failed;
    std::uint64_t session = 0;  // 0: in the next one
    std::optional<Answer> answer;
    ports::TimerId patience = 0;
  };
  using CallPtr = std::shared_ptr<Call>;
  using Self = std::shared_ptr<MemorySession*>;

  void begin();
  void began(std::uint64_t number);
  void send(const CallPtr&);
  void answered(const CallPtr&);
  void fail(const CallPtr&, Failed);
  void wait_for_link(const CallPtr&);
  void cut();      // this side notices
  void resumed();  // this side hears of the server again, in the same session
  void lose();     // this side learns that the session is over
  void server_lost_it();
  void tell(void (Listener::*)());
  void node_changed();
  template <class F>
  std::function<void()> guarded(F call);

  MemoryEnsemble& ensemble_;
  Client client_;
  std::vector<std::weak_ptr<Listener>> listeners_;
  std::list<CallPtr> calls_;  // not answered, in the order of asking
  std::uint64_t number_ = 0;
  bool connected_ = true;  // as far as this side knows
  bool fresh_ = true;      // the server is heard of
  bool closed_ = false;
  bool change_told_ = false;  // an on_change is on its way
  std::uint64_t links_ = 0;   // made and lost: an answer of an earlier one says nothing about this one
  Micros heard_{0};
  ports::TimerId notice_ = 0;
  const Self self_;  // nulled at the end: words on their way come later
};

}  // namespace baton::memory
