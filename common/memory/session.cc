#include "common/memory/session.h"

#include <algorithm>

#include "common/model/assert.h"

namespace baton::memory {
namespace {

class LateLink final : public Link {
 public:
  LateLink(ports::Executor& executor, ports::Clock& clock, Millis latency)
      : executor_(executor), clock_(clock), latency_(latency) {}
  void to_server(std::function<void()> arrives) override { clock_.after(latency_, std::move(arrives)); }
  void to_client(std::function<void()> arrives) override { executor_.post(std::move(arrives)); }

 private:
  ports::Executor& executor_;
  ports::Clock& clock_;
  const Millis latency_;
};

std::shared_ptr<Link> link_of(MemoryEnsemble& ensemble) {
  const Millis latency = ensemble.settings().latency;
  if (latency > Millis{0}) return std::make_shared<LateLink>(ensemble.executor(), ensemble.clock(), latency);
  return std::make_shared<DirectLink>(ensemble.executor());
}

}  // namespace

MemorySession::MemorySession(MemoryEnsemble& ensemble)
    : MemorySession(ensemble, {ensemble.executor(), ensemble.clock(), link_of(ensemble)}) {}

MemorySession::MemorySession(MemoryEnsemble& ensemble, Client client)
    : ensemble_(ensemble), client_(std::move(client)), self_(std::make_shared<MemorySession*>(this)) {
  ensemble_.clients_.push_back(this);
  begin();
}

MemorySession::~MemorySession() {
  close();
  std::erase(ensemble_.clients_, this);
  *self_ = nullptr;
}

template <class F>
std::function<void()> MemorySession::guarded(F call) {
  return [self = self_, call = std::move(call)]() mutable {
    if (*self && !(*self)->closed_) call(**self);
  };
}

void MemorySession::subscribe(std::weak_ptr<Listener> listener) {
  listeners_.push_back(std::move(listener));
}

void MemorySession::tell(void (Listener::*event)()) {
  const auto listeners = listeners_;  // a listener may subscribe others
  for (const auto& weak : listeners)
    if (const auto listener = weak.lock(); listener && !closed_) (listener.get()->*event)();
}

Millis MemorySession::silent_for() const {
  if (number_ == 0) return Millis::max();
  if (fresh_) return Millis{0};
  return std::chrono::duration_cast<Millis>(client_.clock.steady() - heard_);
}

// ---- requests

void MemorySession::exchange(Ask ask, std::function<void(Failed)> failed) {
  if (closed_) {
    client_.executor.post([failed = std::move(failed)] { failed(Failed::Unavailable); });
    return;
  }
  const auto call = std::make_shared<Call>(Call{std::move(ask), std::move(failed), number_, {}, 0});
  calls_.push_back(call);
  if (!connected_)
    wait_for_link(call);
  else if (number_ != 0)
    send(call);
}

void MemorySession::send(const CallPtr& call) {
  client_.link->to_server([&ensemble = ensemble_, link = client_.link, call, self = self_] {
    if (!ensemble.lives(call->session)) return;
    if (!call->answer) call->answer = call->ask(call->session);
    link->to_client([self, call] {
      if (*self && !(*self)->closed_) (*self)->answered(call);
    });
  });
}

void MemorySession::answered(const CallPtr& call) {
  if (std::erase(calls_, call) == 0) return;  // answered before, or given up
  client_.clock.cancel(call->patience);
  (*call->answer)();
}

void MemorySession::fail(const CallPtr& call, Failed how) {
  if (std::erase(calls_, call) == 0) return;
  client_.clock.cancel(call->patience);
  client_.executor.post([call, how] { call->failed(how); });
}

void MemorySession::wait_for_link(const CallPtr& call) {
  if (client_.patience == Millis{0}) return fail(call, Failed::Unavailable);
  if (call->patience != 0) return;
  call->patience = client_.clock.after(
      client_.patience, guarded([call](MemorySession& session) { session.fail(call, Failed::Unavailable); }));
}

// ---- the life of a session

void MemorySession::begin() {
  client_.link->to_server([&ensemble = ensemble_, link = client_.link, self = self_] {
    const std::uint64_t number = ensemble.begin_session();
    ensemble.fell_silent(number);  // until it has been taken
    link->to_client([self, number] {
      if (*self) (*self)->began(number);
    });
  });
}

void MemorySession::began(std::uint64_t number) {
  if (closed_ || number_ != 0 || !connected_ || !ensemble_.lives(number)) return;
  number_ = number;
  fresh_ = true;
  change_told_ = false;
  ensemble_.heard(number);
  tell(&Listener::on_session);
  const auto calls = calls_;
  for (const auto& call : calls) {
    if (call->session != 0) continue;
    call->session = number_;
    send(call);
  }
}

void MemorySession::cut() {
  if (!std::exchange(connected_, false) || number_ == 0) return;
  const auto calls = calls_;
  for (const auto& call : calls) wait_for_link(call);
  tell(&Listener::on_disconnected);
}

void MemorySession::fall_silent() {
  if (closed_) return;
  ++links_;
  ensemble_.fell_silent(number_);  // it may have been heard of again, and does not know
  if (!fresh_) return;
  fresh_ = false;
  heard_ = client_.clock.steady();
  notice_ =
      client_.clock.after(ensemble_.settings().session_timeout * 2 / 3, guarded([](MemorySession& session) {
                            session.notice_ = 0;
                            if (!session.fresh_) session.cut();
                          }));
}

void MemorySession::disconnect() {
  if (closed_ || !connected_) return;
  fall_silent();
  client_.clock.cancel(std::exchange(notice_, 0));
  client_.executor.post(guarded([](MemorySession& session) {
    if (!session.fresh_) session.cut();
  }));
}

void MemorySession::reconnect() {
  if (closed_ || (fresh_ && number_ != 0)) return;
  client_.clock.cancel(std::exchange(notice_, 0));
  if (number_ == 0) {
    connected_ = fresh_ = true;
    return begin();
  }
  client_.link->to_server(
      [&ensemble = ensemble_, link = client_.link, number = number_, asked = ++links_, self = self_] {
        if (!*self || (*self)->links_ != asked) return;  // that link is gone again: it is no sign of life
        const bool lives = ensemble.lives(number);
        if (lives) ensemble.heard(number);
        link->to_client([self, number, lives, asked] {
          if (!*self || (*self)->closed_ || (*self)->number_ != number || (*self)->links_ != asked) return;
          lives ? (*self)->resumed() : (*self)->lose();
        });
      });
}

void MemorySession::resumed() {
  fresh_ = connected_ = true;
  change_told_ = false;
  tell(&Listener::on_reconnected);
  const auto calls = calls_;
  for (const auto& call : calls) {
    client_.clock.cancel(std::exchange(call->patience, 0));
    send(call);
  }
}

void MemorySession::expire() {
  ensemble_.end_session(number_);
  server_lost_it();
}

/// Told as far as the server can reach this side; else it is learned on reconnect().
void MemorySession::server_lost_it() {
  if (closed_ || number_ == 0 || !fresh_) return;
  client_.link->to_client(guarded([number = number_](MemorySession& session) {
    if (session.number_ == number && !session.ensemble_.lives(number)) session.lose();
  }));
}

void MemorySession::lose() {
  connected_ = fresh_ = true;
  client_.clock.cancel(std::exchange(notice_, 0));
  const std::uint64_t lost = std::exchange(number_, 0);
  if (lost != 0) tell(&Listener::on_session_lost);
  const auto calls = calls_;
  for (const auto& call : calls)
    if (call->session == lost && lost != 0) fail(call, Failed::SessionLost);
  begin();
}

void MemorySession::close() {
  if (std::exchange(closed_, true)) return;
  client_.clock.cancel(std::exchange(notice_, 0));
  const auto calls = calls_;
  for (const auto& call : calls) fail(call, number_ != 0 ? Failed::SessionLost : Failed::Unavailable);
  ensemble_.end_session(std::exchange(number_, 0));
}

void MemorySession::die() {
  if (std::exchange(closed_, true)) return;
  ensemble_.fell_silent(number_);
  if (const auto found = ensemble_.living_.find(std::exchange(number_, 0)); found != ensemble_.living_.end())
    found->second.dead = true;
}

void MemorySession::node_changed() {
  if (closed_ || number_ == 0 || std::exchange(change_told_, true)) return;
  client_.link->to_client(guarded([](MemorySession& session) {
    session.change_told_ = false;
    if (session.connected()) session.tell(&Listener::on_change);
  }));
}

}  // namespace baton::memory
