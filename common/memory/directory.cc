#include "common/memory/directory.h"

#include <map>
#include <optional>

namespace baton::memory {

using ports::Advert;
using ports::DirectoryError;
using ports::DirectoryErrorCode;
using ports::InboxKind;
using ports::Member;

namespace {

/// Who is there, as the server has it.
struct Picture {
  std::vector<Advert> workers;
  std::vector<Incarnation> dead;
  std::vector<Member> conductors;
  ports::Culprits culprits;
  std::map<Incarnation, ports::LastTasks> last_tasks;
};

template <class T>
std::vector<T> read(const MemoryEnsemble& ensemble, const std::string& folder) {
  std::vector<T> found;
  for (const auto& name : ensemble.children(folder))
    if (const auto* body = std::get_if<T>(&ensemble.find(folder + "/" + name)->body)) found.push_back(*body);
  return found;
}

Picture picture_of(const MemoryEnsemble& ensemble, const std::string& root) {
  Picture picture{
      read<Advert>(ensemble, root + "/workers"), {}, read<Member>(ensemble, root + "/conductors"), {}, {}};
  for (const auto& name : ensemble.children(root + "/deaths"))
    if (const auto uuid = Uuid::parse(name)) {
      picture.dead.push_back(Incarnation(*uuid));
      auto note = ports::death_note_from_json(ensemble.find(root + "/deaths/" + name)->data);
      if (!note.job.empty()) picture.culprits[note.job].push_back(Incarnation(*uuid));
      if (note.tasks) picture.last_tasks.emplace(Incarnation(*uuid), *std::move(note.tasks));
    }
  return picture;
}

struct Lease {
  std::int32_t partition = 0;
  std::string path;
};
Lease take_lease(MemoryEnsemble& ensemble, const std::string& folder, std::int32_t partitions,
                 Incarnation incarnation, std::uint64_t session) {
  const auto holders = [&](std::int32_t n) { return ensemble.children(folder + std::to_string(n)).size(); };
  std::int32_t emptiest = 0;
  for (std::int32_t n = 1; n < partitions; ++n)
    if (holders(n) < holders(emptiest)) emptiest = n;
  std::string path = folder + std::to_string(emptiest) + "/" + incarnation.value.to_string();
  ensemble.put(path, {}, session);
  return {emptiest, std::move(path)};
}

}  // namespace

struct MemoryDirectory::Parts final : MemorySession::Listener, std::enable_shared_from_this<Parts> {
  Parts(MemorySession& s, std::string r) : session(s), ensemble(s.ensemble()), root(std::move(r)) {}

  void on_session() override {
    session.exchange(
        [&tree = ensemble, own = own](std::uint64_t in) -> MemorySession::Answer {
          for (const auto& [path, body] : own) tree.put(path, body, in);
          return [] {};
        },
        [](MemorySession::Failed) {});
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
    if (!listener) return;
    session.exchange(
        [&tree = ensemble, root = root, weak = weak_from_this()](std::uint64_t) -> MemorySession::Answer {
          return [weak, picture = picture_of(tree, root)] {
            if (const auto parts = weak.lock()) parts->tell(picture);
          };
        },
        [](MemorySession::Failed) {});  // comes again with the link
  }

  void tell(const Picture& now) {
    if (!listener) return;
    const bool first = !std::exchange(told_of_session, true);
    const bool workers_changed = now.workers != workers || now.dead != dead;
    const bool conductors_changed = now.conductors != conductors;
    workers = now.workers;
    const bool culprits_changed = now.culprits != culprits;
    dead = now.dead;
    culprits = now.culprits;
    conductors = now.conductors;
    if (first || workers_changed) listener->on_last_tasks(now.last_tasks);
    if (listener && (first || workers_changed)) listener->on_workers(workers, dead);
    if (listener && (first || culprits_changed)) listener->on_culprits(culprits);
    if (listener && (first || conductors_changed)) listener->on_conductors(conductors);
  }

  /// The wish is kept: each later session writes it again.
  void put(const std::string& path, MemoryEnsemble::Body body, Done<void> done) {
    own[path] = body;
    run<void>(std::move(done), [&tree = ensemble, path, body = std::move(body)](std::uint64_t in) {
      tree.put(path, body, in);
      return Result<void, DirectoryError>();
    });
  }

  template <class T>
  void run(Done<T> done, std::function<Result<T, DirectoryError>(std::uint64_t session)> act) {
    session.exchange(
        [done, act = std::move(act), weak = weak_from_this()](std::uint64_t in) -> MemorySession::Answer {
          return [weak, done, result = act(in)] {
            if (!weak.expired()) done(result);
          };
        },
        [weak = weak_from_this(), done](MemorySession::Failed how) {
          if (weak.expired()) return;
          if (how == MemorySession::Failed::SessionLost)
            return done(Fail(DirectoryError{DirectoryErrorCode::SessionLost, "the session ended meanwhile"}));
          done(Fail(DirectoryError{DirectoryErrorCode::Unavailable, "the link is cut"}));
        });
  }

  void lease(InboxKind kind, std::int32_t partitions, Incarnation incarnation, Done<std::int32_t> done) {
    const std::string folder =
        root + "/partitions/" + (kind == InboxKind::Requests ? "requests" : "replies") + "/";
    const auto taken = std::make_shared<Lease>();
    run<std::int32_t>(
        [this, taken, done = std::move(done)](const Result<std::int32_t, DirectoryError>& leased) {
          if (leased.ok()) own[taken->path] = {};
          done(leased);
        },
        [&tree = ensemble, folder, partitions, incarnation, taken](std::uint64_t in) {
          *taken = take_lease(tree, folder, partitions, incarnation, in);
          return Result<std::int32_t, DirectoryError>(taken->partition);
        });
  }

  MemorySession& session;
  MemoryEnsemble& ensemble;
  const std::string root;
  std::map<std::string, MemoryEnsemble::Body> own;  // by path: what is written again in each session
  std::string advert_path;
  std::vector<Advert> workers;
  std::vector<Incarnation> dead;
  std::vector<Member> conductors;
  ports::Culprits culprits;
  bool told_of_session = false;
  Directory::Listener* listener = nullptr;
};

MemoryDirectory::MemoryDirectory(MemorySession& session, std::string root)
    : parts_(std::make_shared<Parts>(session, std::move(root))) {
  session.subscribe(parts_);
}

MemoryDirectory::~MemoryDirectory() = default;

void MemoryDirectory::open(Listener& listener) {
  parts_->listener = &listener;
  parts_->refresh();
}

void MemoryDirectory::lease_partition(InboxKind kind, std::int32_t partitions, Incarnation incarnation,
                                      Done<std::int32_t> done) {
  BATON_ASSERT(partitions > 0);
  parts_->lease(kind, partitions, incarnation, std::move(done));
}

void MemoryDirectory::advertise(const Advert& advert, Done<void> done) {
  parts_->advert_path = parts_->root + "/workers/" + advert.incarnation.value.to_string();
  parts_->put(parts_->advert_path, advert, std::move(done));
}

void MemoryDirectory::withdraw(Done<void> done) {
  parts_->own.erase(parts_->advert_path);
  parts_->run<void>(std::move(done), [&tree = parts_->ensemble, path = parts_->advert_path](std::uint64_t) {
    tree.remove(path);
    return Result<void, DirectoryError>();
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

void MemoryDirectory::note_death(MemoryEnsemble& ensemble, Incarnation incarnation, const std::string& root,
                                 const ports::DeathNote& note) {
  ensemble.create(root + "/deaths/" + incarnation.value.to_string(), ports::to_json(note));
}

}  // namespace baton::memory
