#pragma once

#include <list>
#include <optional>

#include "common/zookeeper/handle.h"
#include "common/zookeeper/session.h"

namespace baton::zookeeper {

/// What is behind Session: the handles one after the other, who is told, and how the end of a session is
/// noticed. Handles are known by number, so that a late event of a closed one does nothing.
class Session::Core : public std::enable_shared_from_this<Session::Core> {
 public:
  Core(Settings, ports::Executor&, ports::Clock&);
  ~Core();

  void open();
  void close();
  void subscribe(std::weak_ptr<Listener>);
  void await_connection(Millis limit, std::function<void(bool)> then);

  std::uint64_t number() const { return identity_ ? count_ : 0; }
  bool connected() const { return connected_; }
  bool closed() const { return closed_; }
  const SessionIdentity* identity() const { return identity_ ? &*identity_ : nullptr; }
  Millis silent_for() const;
  Handle* handle() { return main_.handle.get(); }
  ports::Executor& executor() { return executor_; }
  ports::Clock& clock() { return clock_; }

 private:
  struct NumberedHandle {
    std::unique_ptr<Handle> handle;
    std::uint64_t number = 0;
  };
  struct Waiter {
    std::uint64_t id = 0;
    std::function<void(bool)> then;
    ports::TimerId timer = 0;
  };

  NumberedHandle new_handle();
  void on_event(std::uint64_t handle, Handle::Event, const SessionIdentity&);
  void on_main(Handle::Event, const SessionIdentity&);
  void on_probe(Handle::Event, const SessionIdentity&);
  void begin_session(const SessionIdentity&);
  void check_granted();
  void on_disconnected();
  void end_session(const std::string& why);
  void start_probe();
  void drop_probe();
  void adopt_probe();
  void ping();
  void tell(void (Listener::*)());
  void answer_waiters(bool up);
  void set_timer(ports::TimerId&, Millis, void (Core::*)());
  void clear_timer(ports::TimerId&);
  void note(const std::string& text) const;

  const Settings settings_;
  ports::Executor& executor_;
  ports::Clock& clock_;
  std::vector<std::weak_ptr<Listener>> listeners_;
  std::list<Waiter> waiters_;
  std::uint64_t last_waiter_ = 0;

  NumberedHandle main_;                            // empty: closed, or waiting to be opened again
  NumberedHandle probe_;                           // asks, while we are cut off, whether others get sessions
  std::optional<SessionIdentity> probe_identity_;  // others do, since adopt_timer_ was set
  std::uint64_t last_handle_ = 0;

  std::optional<SessionIdentity> identity_;
  std::uint64_t count_ = 0;
  Millis granted_{0};  // last time
  bool connected_ = false;
  bool closed_ = false;

  std::optional<Micros> heard_;  // when the last answered ping was sent
  bool ping_under_way_ = false;
  ports::TimerId ping_timer_ = 0, probe_timer_ = 0, adopt_timer_ = 0, open_timer_ = 0;
};

}  // namespace baton::zookeeper
