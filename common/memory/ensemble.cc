#include "common/memory/ensemble.h"

#include <cstdio>

#include "common/memory/session.h"
#include "common/model/assert.h"

namespace baton::memory {

MemoryEnsemble::MemoryEnsemble(ports::Executor& executor, ports::Clock& clock, ports::Entropy& entropy,
                               Settings settings)
    : executor_(executor), clock_(clock), entropy_(entropy), settings_(settings) {}

// ---- what can happen to the server

void MemoryEnsemble::restore(Backup backup) {
  for (auto& [number, session] : living_) clock_.cancel(session.expiry);
  living_.clear();
  tree_ = std::move(backup);
  for (const auto& [path, node] : tree_.nodes)
    if (node.session != 0 && !living_.contains(node.session)) {
      living_[node.session].ghost = true;
      fell_silent(node.session);
    }
  for (auto* client : clients_) client->server_lost_it();
}

void MemoryEnsemble::set_down(bool down) {
  if (std::exchange(down_, down) == down) return;
  for (auto& [number, session] : living_) {
    clock_.cancel(std::exchange(session.expiry, 0));
    if (session.silent) arm(number, session);
  }
}

// ---- the tree

const MemoryEnsemble::Node* MemoryEnsemble::find(const std::string& path) const {
  const auto found = tree_.nodes.find(path);
  return found == tree_.nodes.end() ? nullptr : &found->second;
}

const MemoryEnsemble::Node* MemoryEnsemble::create(const std::string& path, std::string data,
                                                   std::uint64_t session) {
  BATON_ASSERT(session == 0 || living_.contains(session));
  const auto [node, made] = tree_.nodes.try_emplace(path);
  if (!made) return nullptr;
  ++tree_.sequences[path.substr(0, path.rfind('/'))];  // as in ZooKeeper: every child counts, locks too
  node->second = {std::move(data), {}, ++tree_.zxid, clock_.wall(), session};
  if (seen_) seen_(path, node->second, false);
  changed();
  return &node->second;
}

std::string MemoryEnsemble::create_sequential(const std::string& path, std::string data) {
  char number[16];
  std::snprintf(number, sizeof number, "%010u", tree_.sequences[path.substr(0, path.rfind('/'))]);
  const std::string whole = path + number;
  BATON_ASSERT(create(whole, std::move(data)));
  return whole;
}

void MemoryEnsemble::put(const std::string& path, Body body, std::uint64_t session) {
  if (!find(path)) create(path, {}, session);
  Node& node = tree_.nodes[path];
  node.session = session;
  node.body = std::move(body);
  ++tree_.zxid;
  if (seen_) seen_(path, node, false);
  changed();
}

bool MemoryEnsemble::remove(const std::string& path) {
  const auto removed = tree_.nodes.extract(path);
  if (!removed) return false;
  ++tree_.zxid;
  if (seen_) seen_(path, removed.mapped(), true);
  changed();
  return true;
}

std::vector<std::string> MemoryEnsemble::children(const std::string& folder) const {
  const std::string prefix = folder + "/";
  std::vector<std::string> names;
  const auto& nodes = tree_.nodes;
  for (auto it = nodes.lower_bound(prefix); it != nodes.end() && it->first.starts_with(prefix); ++it)
    if (it->first.find('/', prefix.size()) == std::string::npos)
      names.push_back(it->first.substr(prefix.size()));
  return names;
}

std::string MemoryEnsemble::id_at(const std::string& path) {
  if (const Node* node = find(path)) return node->data.substr(0, node->data.find(' '));
  return create(path, entropy_.uuid().to_string())->data;
}

// ---- sessions

std::uint64_t MemoryEnsemble::begin_session() {
  living_[++last_session_];
  return last_session_;
}

bool MemoryEnsemble::lives(std::uint64_t session) const {
  const auto found = living_.find(session);
  return found != living_.end() && !found->second.ghost;
}

void MemoryEnsemble::heard(std::uint64_t session) {
  const auto found = living_.find(session);
  if (found == living_.end() || found->second.ghost || found->second.dead) return;
  found->second.silent = false;
  clock_.cancel(std::exchange(found->second.expiry, 0));
}

void MemoryEnsemble::fell_silent(std::uint64_t session) {
  const auto found = living_.find(session);
  if (found == living_.end() || std::exchange(found->second.silent, true)) return;
  arm(session, found->second);
}

void MemoryEnsemble::arm(std::uint64_t session, Living& living) {
  if (down_) return;
  living.expiry = clock_.after(settings_.session_timeout, [this, session] { end_session(session); });
}

void MemoryEnsemble::end_session(std::uint64_t session) {
  const auto ended = living_.extract(session);
  if (!ended) return;
  clock_.cancel(ended.mapped().expiry);
  std::vector<std::string> gone;
  for (const auto& [path, node] : tree_.nodes)
    if (node.session == session) gone.push_back(path);
  for (const auto& path : gone) remove(path);
}

void MemoryEnsemble::changed() {
  for (auto* client : clients_) client->node_changed();
}

}  // namespace baton::memory
