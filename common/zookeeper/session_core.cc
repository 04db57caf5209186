#include "common/zookeeper/session_core.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "common/zookeeper/guarded.h"
#include "common/zookeeper/session_file.h"

namespace baton::zookeeper {
namespace {

constexpr int kPingsPerTimeout = 6;
constexpr Millis kOpenPause{1000};  // between two tries to make a handle (a host that does not resolve)

}  // namespace

Session::Core::Core(Settings settings, ports::Executor& executor, ports::Clock& clock)
    : settings_(std::move(settings)), executor_(executor), clock_(clock) {}

Session::Core::~Core() {
  BATON_ASSERT(closed_);
}

void Session::Core::open() {
  main_ = new_handle();
  if (!main_.handle) set_timer(open_timer_, kOpenPause, &Core::open);
}

void Session::Core::close() {
  if (closed_) return;
  closed_ = true;
  connected_ = false;
  for (auto* timer : {&ping_timer_, &probe_timer_, &adopt_timer_, &open_timer_}) clear_timer(*timer);
  probe_ = {};
  main_ = {};
  if (identity_ && !settings_.file.empty()) ::unlink(settings_.file.c_str());
  identity_.reset();
  answer_waiters(false);
}

Session::Core::NumberedHandle Session::Core::new_handle() {
  NumberedHandle made;
  made.number = ++last_handle_;
  std::string why;
  made.handle = Handle::open(
      settings_.hosts, settings_.timeout, executor_,
      guarded(weak_from_this(),
              [number = made.number](Core& self, Handle::Event event, const SessionIdentity& identity) {
                self.on_event(number, event, identity);
              }),
      why);
  if (!made.handle) note("ZooKeeper at " + settings_.hosts + ": cannot begin a session: " + why);
  return made;
}

void Session::Core::on_event(std::uint64_t handle, Handle::Event event, const SessionIdentity& identity) {
  if (closed_) return;
  if (main_.handle && handle == main_.number)
    on_main(event, identity);
  else if (probe_.handle && handle == probe_.number)
    on_probe(event, identity);
}

void Session::Core::on_main(Handle::Event event, const SessionIdentity& identity) {
  switch (event) {
    case Handle::Event::Connected:
      clear_timer(probe_timer_);
      drop_probe();
      if (!identity_) return begin_session(identity);
      connected_ = true;
      ping();
      tell(&Listener::on_reconnected);
      return answer_waiters(true);
    case Handle::Event::Disconnected:
      return on_disconnected();
    case Handle::Event::Ended:
      end_session("the server says that it has expired");
      // The handle is of no more use; another one begins anew.
      main_ = {};
      return open();
  }
}

void Session::Core::begin_session(const SessionIdentity& identity) {
  identity_ = identity;
  ++count_;
  connected_ = true;
  heard_.reset();
  ping_under_way_ = false;
  // Before anything is claimed or advertised in it: a supervisor must find it (H21).
  if (!settings_.file.empty())
    if (const auto problem =
            write_session_file(settings_.file, {settings_.hosts, identity, settings_.death_note});
        !problem.empty())
      note(problem);
  check_granted();
  ping();
  tell(&Listener::on_session);
  answer_waiters(true);
}

/// Said once for each value: servers of one ensemble may differ.
void Session::Core::check_granted() {
  const Millis granted = identity_->timeout;
  if (granted == settings_.timeout || granted == std::exchange(granted_, granted)) return;
  note("ZooKeeper at " + settings_.hosts + ": grants a session timeout of " +
       std::to_string(granted.count()) + " ms where " + std::to_string(settings_.timeout.count()) +
       " ms were asked for: a lost host goes unnoticed for that long; see its minSessionTimeout and "
       "maxSessionTimeout (by default 2 and 20 times tickTime), or ask for what it grants");
}

void Session::Core::on_disconnected() {
  if (!connected_) return;
  connected_ = false;
  set_timer(probe_timer_, identity_->timeout, &Core::start_probe);
  tell(&Listener::on_disconnected);
}

void Session::Core::end_session(const std::string& why) {
  clear_timer(probe_timer_);
  drop_probe();
  clear_timer(ping_timer_);
  connected_ = false;
  if (!identity_) return;
  note("ZooKeeper at " + settings_.hosts + ": session " + session_hex(identity_->id) + " is lost: " + why);
  identity_.reset();
  tell(&Listener::on_session_lost);
}

// ---- a server that gives sessions to others but none to us (H12) ----

void Session::Core::start_probe() {
  probe_ = new_handle();
  if (!probe_.handle) set_timer(probe_timer_, kOpenPause, &Core::start_probe);
}

void Session::Core::on_probe(Handle::Event event, const SessionIdentity& identity) {
  clear_timer(adopt_timer_);
  probe_identity_.reset();
  switch (event) {
    case Handle::Event::Connected:
      probe_identity_ = identity;
      // The library tries again every third of the timeout: a whole one is several tries.
      return set_timer(adopt_timer_, identity_->timeout, &Core::adopt_probe);
    case Handle::Event::Disconnected:
      return;
    case Handle::Event::Ended:
      drop_probe();
      return start_probe();
  }
}

void Session::Core::drop_probe() {
  clear_timer(adopt_timer_);
  probe_identity_.reset();
  probe_ = {};
}

void Session::Core::adopt_probe() {
  const SessionIdentity identity = *probe_identity_;
  NumberedHandle served = std::move(probe_);
  probe_ = {};
  end_session("the server gave a session to another handle, but did not take this one back for " +
              std::to_string(identity_->timeout.count()) + " ms: it was wiped or restored");
  main_ = std::move(served);
  begin_session(identity);
}

// ---- hearing of the session (I14) ----

Millis Session::Core::silent_for() const {
  if (!heard_) return Millis::max();
  return std::chrono::duration_cast<Millis>(clock_.steady() - *heard_);
}

void Session::Core::ping() {
  clear_timer(ping_timer_);
  if (!connected_) return;
  set_timer(ping_timer_, identity_->timeout / kPingsPerTimeout, &Core::ping);
  if (ping_under_way_) return;
  ping_under_way_ = true;
  const auto answered = [sent = clock_.steady(), count = count_](Core& self,
                                                                 const Result<Stat, Error>& stat) {
    if (self.count_ != count) return;
    self.ping_under_way_ = false;
    if (stat.ok()) self.heard_ = sent;
  };
  main_.handle->exists("/", guarded(weak_from_this(), answered));
}

// ---- telling ----

void Session::Core::subscribe(std::weak_ptr<Listener> listener) {
  std::erase_if(listeners_, [](const auto& known) { return known.expired(); });
  listeners_.push_back(std::move(listener));
}

void Session::Core::tell(void (Listener::*event)()) {
  const auto listeners = listeners_;  // a listener may subscribe others
  for (const auto& weak : listeners)
    if (const auto listener = weak.lock()) (listener.get()->*event)();
}

void Session::Core::await_connection(Millis limit, std::function<void(bool)> then) {
  if (connected_ || closed_) {
    executor_.post([then = std::move(then), up = connected_] { then(up); });
    return;
  }
  const std::uint64_t id = ++last_waiter_;
  const auto timer = clock_.after(limit, guarded(weak_from_this(), [id](Core& self) {
                                    const auto found =
                                        std::find_if(self.waiters_.begin(), self.waiters_.end(),
                                                     [id](const Waiter& waiter) { return waiter.id == id; });
                                    if (found == self.waiters_.end()) return;
                                    const auto late = std::move(found->then);
                                    self.waiters_.erase(found);
                                    late(false);
                                  }));
  waiters_.push_back({id, std::move(then), timer});
}

void Session::Core::answer_waiters(bool up) {
  auto waiters = std::move(waiters_);
  waiters_.clear();
  for (auto& waiter : waiters) {
    clock_.cancel(waiter.timer);
    executor_.post([then = std::move(waiter.then), up] { then(up); });
  }
}

void Session::Core::set_timer(ports::TimerId& timer, Millis delay, void (Core::*then)()) {
  clear_timer(timer);
  timer = clock_.after(delay, guarded(weak_from_this(), [&timer, then](Core& self) {
                         timer = 0;
                         (self.*then)();
                       }));
}

void Session::Core::clear_timer(ports::TimerId& timer) {
  if (timer != 0) clock_.cancel(timer);
  timer = 0;
}

void Session::Core::note(const std::string& text) const {
  if (settings_.note) settings_.note(text);
}

}  // namespace baton::zookeeper
