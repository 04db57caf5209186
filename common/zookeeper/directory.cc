#include "common/zookeeper/directory.h"

#include "common/zookeeper/advert_json.h"
#include "common/zookeeper/folder_mirror.h"
#include "common/zookeeper/guarded.h"
#include "common/zookeeper/inbox_lease.h"
#include "common/zookeeper/odd_nodes.h"
#include "common/zookeeper/own_node.h"

namespace baton::zookeeper {

using ports::Advert;
using ports::Member;

namespace {

constexpr const char* kOdd =
    "it is none that this version writes: is there a newer one? Update this process; a node that somebody "
    "made "
    "by hand can be removed";
constexpr std::chrono::hours kDeathNoteLife{1};  // far longer than any conductor needs to read it

void ignore(const Result<void, ports::DirectoryError>&) {}

}  // namespace

struct ZooKeeperDirectory::Parts final : Session::Listener, std::enable_shared_from_this<Parts> {
  Parts(Session& s, Settings given) : session(s), settings(std::move(given)) {}

  void start() {
    const auto mirror = [this](const char* folder, void (Parts::*on_picture)(const FolderMirror::Picture&)) {
      const auto told = [on_picture](Parts& self, const auto& picture) { (self.*on_picture)(picture); };
      return std::make_shared<FolderMirror>(session, settings.root + folder, guarded(weak_from_this(), told));
    };
    mirrors = {mirror("/workers", &Parts::on_workers), mirror("/deaths", &Parts::on_deaths),
               mirror("/conductors", &Parts::on_conductors)};
    session.subscribe(weak_from_this());
  }

  void on_session() override { connected(); }
  void on_reconnected() override { connected(); }
  void on_disconnected() override {}
  void on_session_lost() override {
    for (const auto& [path, node] : own) node->on_session_lost();
    for (const auto& mirror : mirrors) mirror->on_session_lost();
    workers.reset();
    deaths.reset();
    told_workers = false;
    conductors.reset();
    if (listener) listener->on_session_lost();
  }
  void connected() {
    const auto nodes = own;  // a callback may add one
    for (const auto& [path, node] : nodes) node->on_connected();
    for (const auto& mirror : mirrors) mirror->on_connected();
  }

  void on_workers(const FolderMirror::Picture& picture) {
    std::vector<Advert> now;
    odd_workers.keep_those_of(picture);
    for (const auto& [name, node] : picture) {
      if (auto advert = advert_from_json(node.data))
        now.push_back(*std::move(advert));
      else if (auto there = unreadable_worker(name, node))
        now.push_back(*std::move(there));
    }
    tell_workers(std::move(now), deaths);
  }
  /// Its node stands, so its session lives and what it holds is not to be lost. It is as it was when it could
  /// be read, but for that nothing new goes there.
  std::optional<Advert> unreadable_worker(const std::string& name, const Node& node) {
    unreadable("/workers/", name, node, odd_workers);
    const auto uuid = Uuid::parse(name);
    if (!uuid) return std::nullopt;
    Advert there;
    there.incarnation = Incarnation(*uuid);
    if (workers)
      for (const auto& before : *workers)
        if (before.incarnation == there.incarnation) there = before;
    there.state = ports::AdvertState::Unreachable;
    return there;
  }
  void unreadable(const std::string& folder, const std::string& name, const Node& node, OddNodes& odd) {
    if (odd.is_news(name, node) && listener) listener->on_unreadable(settings.root + folder + name, kOdd);
  }
  void on_deaths(const FolderMirror::Picture& picture) {
    std::vector<Incarnation> noted;
    odd_deaths.keep_those_of(picture);
    for (const auto& [name, node] : picture) {
      if (const auto uuid = Uuid::parse(name))
        noted.push_back(Incarnation(*uuid));
      else
        unreadable("/deaths/", name, node, odd_deaths);
    }
    if (is_conductor) prune(picture);
    tell_notes(picture);
    tell_workers(workers, std::move(noted));
  }
  void tell_notes(const FolderMirror::Picture& picture) {
    ports::Culprits now;
    std::map<Incarnation, ports::LastTasks> tasks;
    for (const auto& [name, node] : picture) {
      const auto uuid = Uuid::parse(name);
      if (!uuid) continue;
      auto note = ports::death_note_from_json(node.data);
      if (!note.job.empty()) now[note.job].push_back(Incarnation(*uuid));
      if (note.tasks) tasks.emplace(Incarnation(*uuid), *std::move(note.tasks));
    }
    if (tasks != std::exchange(last_tasks, tasks) && listener) listener->on_last_tasks(last_tasks);
    if (now == culprits) return;
    culprits = std::move(now);
    if (listener) listener->on_culprits(culprits);
  }
  /// Only both together are a picture.
  void tell_workers(std::optional<std::vector<Advert>> now, std::optional<std::vector<Incarnation>> noted) {
    if (now == workers && noted == deaths && told_workers) return;
    workers = std::move(now);
    deaths = std::move(noted);
    if (!workers || !deaths) return;
    told_workers = true;
    if (listener) listener->on_workers(*workers, *deaths);
  }
  void on_conductors(const FolderMirror::Picture& picture) {
    std::vector<Member> now;
    odd_conductors.keep_those_of(picture);
    for (const auto& [name, node] : picture) {
      if (auto member = member_from_json(node.data))
        now.push_back(*std::move(member));
      else
        unreadable("/conductors/", name, node, odd_conductors);
    }
    if (conductors == now) return;
    conductors = std::move(now);
    if (listener) listener->on_conductors(*conductors);
  }

  void prune(const FolderMirror::Picture& picture) {
    const auto oldest = session.clock().wall() - kDeathNoteLife;
    for (const auto& [name, node] : picture)
      if (TimePoint{Millis{node.stat.ctime_ms}} < oldest)
        session.remove(settings.root + "/deaths/" + name, kAnyVersion, [](const Result<void, Error>&) {});
  }

  OwnNode& own_node(const std::string& path) {
    auto& node = own[path];
    if (!node) node = std::make_shared<OwnNode>(session, path);
    return *node;
  }

  Session& session;
  const Settings settings;
  Directory::Listener* listener = nullptr;
  std::vector<std::shared_ptr<FolderMirror>> mirrors;
  std::map<std::string, std::shared_ptr<OwnNode>> own;
  std::string advert_path;
  bool is_conductor = false;
  std::optional<std::vector<Advert>> workers;  // of this session; empty until read
  std::optional<std::vector<Incarnation>> deaths;
  std::optional<std::vector<Member>> conductors;
  ports::Culprits culprits;
  std::map<Incarnation, ports::LastTasks> last_tasks;
  OddNodes odd_workers, odd_deaths, odd_conductors;
  bool told_workers = false;
};

ZooKeeperDirectory::ZooKeeperDirectory(Session& session, Settings settings)
    : parts_(std::make_shared<Parts>(session, std::move(settings))) {
  parts_->start();
}

ZooKeeperDirectory::~ZooKeeperDirectory() {
  parts_->listener = nullptr;
}

void ZooKeeperDirectory::open(Listener& listener) {
  BATON_ASSERT(!parts_->listener);
  parts_->listener = &listener;
  for (const auto& mirror : parts_->mirrors) mirror->start();
}

void ZooKeeperDirectory::lease_partition(ports::InboxKind kind, std::int32_t partitions,
                                         Incarnation incarnation, Done<std::int32_t> done) {
  const std::string folder = partitions_folder(parts_->settings.root, kind);
  const auto leased = [folder, incarnation, done = std::move(done)](
                          Parts& self, const Result<std::int32_t, ports::DirectoryError>& number) {
    if (number.ok()) {
      // From now on kept like everything of ours, at the same partition.
      const std::string path = folder + "/" + std::to_string(*number) + "/" + incarnation.value.to_string();
      self.own_node(path).put("{}", ignore);
    }
    done(number);
  };
  lease_inbox(parts_->session, parts_, folder, partitions, incarnation,
              guarded(parts_->weak_from_this(), leased));
}

void ZooKeeperDirectory::advertise(const Advert& advert, Done<void> done) {
  parts_->advert_path = parts_->settings.root + "/workers/" + advert.incarnation.value.to_string();
  parts_->own_node(parts_->advert_path).put(to_json(advert), std::move(done));
}

void ZooKeeperDirectory::withdraw(Done<void> done) {
  if (!parts_->advert_path.empty()) return parts_->own_node(parts_->advert_path).remove(std::move(done));
  parts_->session.executor().post([done = std::move(done)] { done({}); });
}

void ZooKeeperDirectory::join(const Member& member, Done<void> done) {
  parts_->is_conductor = true;
  const auto& settings = parts_->settings;
  if (!settings.entities.empty())
    parts_->own_node(settings.entities + "/conductor/" + entity_name(member))
        .put(entity_json(member), ignore);
  parts_->own_node(settings.root + "/conductors/" + member.incarnation.value.to_string())
      .put(to_json(member), std::move(done));
}

Millis ZooKeeperDirectory::silent_for() const {
  return parts_->session.silent_for();
}

Millis ZooKeeperDirectory::timeout() const {
  return parts_->session.timeout();
}

void ZooKeeperDirectory::close() {
  parts_->listener = nullptr;
  for (const auto& mirror : parts_->mirrors) mirror->stop();
  parts_->session.close();
}

std::string death_note_path(const std::string& root, Incarnation incarnation) {
  return root + "/deaths/" + incarnation.value.to_string();
}

}  // namespace baton::zookeeper
