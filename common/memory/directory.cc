#include "common/memory/directory.h"

#include <algorithm>
#include <optional>

namespace baton::memory {

using ports::Advert;
using ports::DirectoryError;
using ports::DirectoryErrorCode;
using ports::InboxKind;
using ports::Member;

struct MemoryDirectory::Parts final : MemorySession::Listener {
  Parts(MemorySession& s, std::string r) : session(s), ensemble(s.ensemble()), root(std::move(r)) {}

  void on_session() override {
    for (const auto& [path, body] : own) ensemble.put(path, body, session.number());
    told_of_session = false;
    refresh();
  }
  void on_disconnected() override {}
  void on_reconnected() override { refresh(); }
  void on_change() override { refresh(); }
  void on_session_lost() override {
    if (listener) listener->on_session_lost();
  }

  void refresh() {
    if (!listener || !session.connected()) return;
    const bool first = !std::exchange(told_of_session, true);
    auto workers_now = read<Advert>(root + "/workers");
    auto dead_now = noted_dead();
    auto conductors_now = read<Member>(root + "/conductors");
    const bool workers_changed = workers_now != workers || dead_now != dead;
    const bool conductors_changed = conductors_now != conductors;
    workers = std::move(workers_now);
    dead = std::move(dead_now);
    conductors = std::move(conductors_now);
    if (first || workers_changed) listener->on_workers(workers, dead);
    if (listener && (first || conductors_changed)) listener->on_conductors(conductors);
  }

  template <class T>
  std::vector<T> read(const std::string& folder) const {
    std::vector<T> found;
    for (const auto& name : ensemble.children(folder))
      if (const auto* body = std::get_if<T>(&ensemble.find(folder + "/" + name)->body))
        found.push_back(*body);
    return found;
  }

  std::vector<Incarnation> noted_dead() const {
    std::vector<Incarnation> found;
    for (const auto& name : ensemble.children(root + "/deaths"))
      if (const auto uuid = Uuid::parse(name)) found.push_back(Incarnation(*uuid));
    return found;
  }

  /// The wish is kept: each later session writes it again.
  void put(const std::string& path, MemoryEnsemble::Body body, Done<void> done) {
    own[path] = body;
    run<void>(std::move(done), [this, path]() -> Result<void, DirectoryError> {
      if (const auto wish = own.find(path); wish != own.end())
        ensemble.put(path, wish->second, session.number());
      return {};
    });
  }

  template <class T>
  void run(Done<T> done, std::function<Result<T, DirectoryError>()> act) {
    session.request([this, weak = std::weak_ptr(alive), done = std::move(done), act = std::move(act)] {
      if (weak.expired()) return;
      if (session.connected()) return done(act());
      done(Fail(DirectoryError{DirectoryErrorCode::Unavailable, "the link is cut"}));
    });
  }

  std::int32_t lease(InboxKind kind, std::int32_t partitions, Incarnation incarnation) {
    const std::string folder =
        root + "/partitions/" + (kind == InboxKind::Requests ? "requests" : "replies") + "/";
    const auto holders = [&](std::int32_t n) { return ensemble.children(folder + std::to_string(n)).size(); };
    std::int32_t emptiest = 0;
    for (std::int32_t n = 1; n < partitions; ++n)
      if (holders(n) < holders(emptiest)) emptiest = n;
    const std::string path = folder + std::to_string(emptiest) + "/" + incarnation.value.to_string();
    own[path] = {};
    ensemble.put(path, {}, session.number());
    return emptiest;
  }

  MemorySession& session;
  MemoryEnsemble& ensemble;
  const std::string root;
  std::map<std::string, MemoryEnsemble::Body> own;  // by path: what is written again in each session
  std::string advert_path;
  std::vector<Advert> workers;
  std::vector<Incarnation> dead;
  std::vector<Member> conductors;
  bool told_of_session = false;
  Directory::Listener* listener = nullptr;
  const std::shared_ptr<int> alive = std::make_shared<int>(0);
};

MemoryDirectory::MemoryDirectory(MemorySession& session, std::string root)
    : parts_(std::make_shared<Parts>(session, std::move(root))) {
  session.subscribe(parts_);
}

MemoryDirectory::~MemoryDirectory() = default;

void MemoryDirectory::open(Listener& listener) {
  parts_->listener = &listener;
  parts_->session.request([weak = std::weak_ptr(parts_)] {
    const auto parts = weak.lock();
    if (parts && !parts->told_of_session) parts->refresh();
  });
}

void MemoryDirectory::lease_partition(InboxKind kind, std::int32_t partitions, Incarnation incarnation,
                                      Done<std::int32_t> done) {
  BATON_ASSERT(partitions > 0);
  parts_->run<std::int32_t>(std::move(done), [parts = parts_.get(), kind, partitions, incarnation] {
    return Result<std::int32_t, DirectoryError>(parts->lease(kind, partitions, incarnation));
  });
}

void MemoryDirectory::advertise(const Advert& advert, Done<void> done) {
  parts_->advert_path = parts_->root + "/workers/" + advert.incarnation.value.to_string();
  parts_->put(parts_->advert_path, advert, std::move(done));
}

void MemoryDirectory::withdraw(Done<void> done) {
  parts_->own.erase(parts_->advert_path);
  parts_->run<void>(std::move(done), [parts = parts_.get()]() -> Result<void, DirectoryError> {
    parts->ensemble.remove(parts->advert_path);
    return {};
  });
}

void MemoryDirectory::join(const Member& member, Done<void> done) {
  parts_->put(parts_->root + "/conductors/" + member.incarnation.value.to_string(), member, std::move(done));
}

Millis MemoryDirectory::silent_for() const {
  return parts_->session.silent_for();
}

Millis MemoryDirectory::timeout() const {
  return parts_->session.number() == 0 ? Millis{0} : parts_->ensemble.settings().session_timeout;
}

void MemoryDirectory::close() {
  parts_->listener = nullptr;
  parts_->session.close();
}

void MemoryDirectory::note_death(MemoryEnsemble& ensemble, Incarnation incarnation, const std::string& root) {
  ensemble.create(root + "/deaths/" + incarnation.value.to_string(), "{}");
}

}  // namespace baton::memory
