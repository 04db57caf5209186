#include "common/memory/ensemble.h"

#include <algorithm>
#include <cstdio>

#include "common/model/assert.h"

namespace baton::memory {

MemoryEnsemble::MemoryEnsemble(ports::Executor& executor, ports::Clock& clock, ports::Entropy& entropy,
                               Settings settings)
    : executor_(executor), clock_(clock), entropy_(entropy), settings_(settings) {}

void MemoryEnsemble::wipe() {
  nodes_.clear();
  sequences_.clear();
  living_.clear();
  zxid_ = 0;
  for (auto* client : clients_)
    if (client->connected_) client->lose();
}

const MemoryEnsemble::Node* MemoryEnsemble::find(const std::string& path) const {
  const auto found = nodes_.find(path);
  return found == nodes_.end() ? nullptr : &found->second;
}

const MemoryEnsemble::Node* MemoryEnsemble::create(const std::string& path, std::string data,
                                                   std::uint64_t session) {
  BATON_ASSERT(session == 0 || living_.contains(session));
  const auto [node, made] = nodes_.try_emplace(path);
  if (!made) return nullptr;
  ++sequences_[path.substr(0, path.rfind('/'))];  // as in ZooKeeper: every child counts, locks too
  node->second = {std::move(data), {}, ++zxid_, clock_.wall(), session};
  changed();
  return &node->second;
}

std::string MemoryEnsemble::create_sequential(const std::string& path, std::string data) {
  char number[16];
  std::snprintf(number, sizeof number, "%010u", sequences_[path.substr(0, path.rfind('/'))]);
  const std::string whole = path + number;
  BATON_ASSERT(create(whole, std::move(data)));
  return whole;
}

void MemoryEnsemble::put(const std::string& path, Body body, std::uint64_t session) {
  if (!find(path)) create(path, {}, session);
  nodes_[path].session = session;
  nodes_[path].body = std::move(body);
  ++zxid_;
  changed();
}

bool MemoryEnsemble::remove(const std::string& path) {
  if (nodes_.erase(path) == 0) return false;
  ++zxid_;
  changed();
  return true;
}

std::vector<std::string> MemoryEnsemble::children(const std::string& folder) const {
  const std::string prefix = folder + "/";
  std::vector<std::string> names;
  for (auto it = nodes_.lower_bound(prefix); it != nodes_.end() && it->first.starts_with(prefix); ++it)
    if (it->first.find('/', prefix.size()) == std::string::npos)
      names.push_back(it->first.substr(prefix.size()));
  return names;
}

std::string MemoryEnsemble::id_at(const std::string& path) {
  if (const Node* node = find(path)) return node->data;
  return create(path, entropy_.uuid().to_string())->data;
}

std::uint64_t MemoryEnsemble::begin_session() {
  living_.insert(++last_session_);
  return last_session_;
}

void MemoryEnsemble::end_session(std::uint64_t session) {
  if (living_.erase(session) == 0) return;
  std::vector<std::string> gone;
  for (const auto& [path, node] : nodes_)
    if (node.session == session) gone.push_back(path);
  for (const auto& path : gone) remove(path);
}

void MemoryEnsemble::changed() {
  for (auto* client : clients_) client->node_changed();
}

MemorySession::MemorySession(MemoryEnsemble& ensemble)
    : ensemble_(ensemble), self_(std::make_shared<MemorySession*>(this)) {
  ensemble_.clients_.push_back(this);
  begin();
}

MemorySession::~MemorySession() {
  close();
  std::erase(ensemble_.clients_, this);
  *self_ = nullptr;
}

void MemorySession::subscribe(std::weak_ptr<Listener> listener) {
  listeners_.push_back(std::move(listener));
}

Millis MemorySession::silent_for() const {
  if (number_ == 0) return Millis::max();
  if (connected_) return Millis{0};
  return std::chrono::duration_cast<Millis>(ensemble_.clock_.steady() - heard_);
}

void MemorySession::request(std::function<void()> arrives) {
  auto checked = [self = self_, arrives = std::move(arrives)] {
    if (*self) arrives();
  };
  if (ensemble_.settings_.latency > Millis{0})
    ensemble_.clock_.after(ensemble_.settings_.latency, std::move(checked));
  else
    ensemble_.executor_.post(std::move(checked));
}

/// The new session stands when its answer has come; until then number() is 0.
void MemorySession::begin() {
  request([this] {
    if (closed_ || !connected_ || number_ != 0) return;
    number_ = ensemble_.begin_session();
    tell(&Listener::on_session);
  });
}

void MemorySession::disconnect() {
  if (!connected_ || closed_) return;
  connected_ = false;
  heard_ = ensemble_.clock_.steady();
  expiry_ = ensemble_.clock_.after(ensemble_.settings_.session_timeout, [self = self_] {
    if (MemorySession* const session = *self) {
      session->expiry_ = 0;
      session->ensemble_.end_session(session->number_);
    }
  });
  ensemble_.executor_.post([self = self_] {
    if (*self && (*self)->number_ != 0 && !(*self)->connected_) (*self)->tell(&Listener::on_disconnected);
  });
}

void MemorySession::reconnect() {
  if (connected_ || closed_) return;
  connected_ = true;
  ensemble_.clock_.cancel(expiry_);
  ensemble_.executor_.post([self = self_] {
    MemorySession* const session = *self;
    if (!session || !session->connected_) return;
    if (session->ensemble_.living_.contains(session->number_))
      return session->tell(&Listener::on_reconnected);
    session->lose();
  });
}

void MemorySession::expire() {
  ensemble_.end_session(number_);
  if (connected_) lose();
}

void MemorySession::lose() {
  ensemble_.executor_.post([self = self_] {
    MemorySession* const session = *self;
    if (!session || session->closed_ || session->ensemble_.living_.contains(session->number_)) return;
    if (std::exchange(session->number_, 0) != 0) session->tell(&Listener::on_session_lost);
    session->begin();
  });
}

void MemorySession::close() {
  if (std::exchange(closed_, true)) return;
  ensemble_.clock_.cancel(expiry_);
  ensemble_.end_session(std::exchange(number_, 0));
}

void MemorySession::tell(void (Listener::*event)()) {
  const auto listeners = listeners_;  // a listener may subscribe others
  for (const auto& weak : listeners)
    if (const auto listener = weak.lock(); listener && !closed_) (listener.get()->*event)();
}

void MemorySession::node_changed() {
  if (std::exchange(change_posted_, true)) return;
  request([this] {
    change_posted_ = false;
    if (connected()) tell(&Listener::on_change);
  });
}

}  // namespace baton::memory
