#include "tests/simulation/world.h"

namespace baton::simulation {

namespace {

std::set<Incarnation> adverts_in(const memory::MemoryEnsemble::Backup& tree) {
  std::set<Incarnation> found;
  for (const auto& [path, node] : tree.nodes)
    if (const auto* advert = std::get_if<ports::Advert>(&node.body)) found.insert(advert->incarnation);
  return found;
}

}  // namespace

World::World(std::uint64_t its_seed, const Lot& its_lot, bool traced)
    : seed(its_seed),
      lot(its_lot),
      trace(traced),
      jobs(make_jobs(Dice(seed, Chance::Jobs))),
      server_entropy(Dice(seed, Chance::Servers).entropy().next()),
      ensemble(loop, loop, server_entropy, {.session_timeout = kSessionTimeout, .latency = Millis{0}}),
      broker(kPartitions),
      database(std::make_shared<WatchedDatabase>(loop, evidence, trace, speaker)) {
  ensemble.watch(
      [this](const std::string& path, const auto& node, bool gone) { board_changed(path, node, gone); });
}

const ScriptedJob* World::find(const JobId& uuid) const {
  for (const auto& job : jobs)
    if (job.uuid == uuid) return &job;
  return nullptr;
}

const TaskScript& World::script_of(const std::string& job, const std::string& atom) const {
  return find(JobId(job))->tasks.at(atom);
}

std::shared_ptr<Wire> World::wire(Process& process, Server server) {
  const auto when_cut = server == Server::Bus     ? Wire::WhenCut::Hold
                        : server == Server::Store ? Wire::WhenCut::LoseOrLate
                                                  : Wire::WhenCut::Lose;
  return std::make_shared<Wire>(process, server, when_cut, Dice(seed, Chance::Network, ++last_wire_),
                                [this](const std::string& who) { speaker = who; });
}

Millis World::unlisted_for(const Incarnation& worker) const {
  const auto since = unlisted_since_.find(worker);
  if (since == unlisted_since_.end()) return Millis{0};
  return std::chrono::duration_cast<Millis>(loop.steady() - since->second);
}

void World::advert_changed(const Incarnation& worker, bool gone) {
  if (!gone) {
    unlisted_since_.erase(worker);
    evidence.adverts_back[worker].push_back(loop.steady());
    return;
  }
  unlisted_since_[worker] = loop.steady();
  evidence.adverts_gone[worker].push_back(loop.steady());
}

void World::restore_board(const BoardBackup& then) {
  const auto before = adverts_in(ensemble.backup()), after = adverts_in(then.tree);
  say(then.tree.nodes.empty() ? "the board server is wiped" : "the board server is restored from a backup");
  ensemble.restore(then.tree);
  lock_makers_ = then.lock_makers;
  for (const Incarnation& worker : before)
    if (!after.contains(worker)) advert_changed(worker, true);
  for (const Incarnation& worker : after)
    if (!before.contains(worker)) advert_changed(worker, false);
}

void World::board_changed(const std::string& path, const memory::MemoryEnsemble::Node& node, bool gone) {
  if (const auto* advert = std::get_if<ports::Advert>(&node.body))
    return advert_changed(advert->incarnation, gone);
  if (!path.starts_with(kBoard)) return;
  if (trace.wanted())
    say(path.substr(10) + (gone ? " gone" : " made") + (speaker.empty() ? "" : " by " + speaker));
  if (path.ends_with(".lock")) return lock_changed(path, gone);
  if (!gone || speaker.empty()) return;  // nobody's doing: a session's end, a wipe, a person
  if (last_unlocked_ != path + ".lock") evidence.foreign_hands.push_back({speaker, "nobody", path});
  const auto posting = Posting::parse(node.data);
  if (!posting.ok()) return;
  evidence.consumed.push_back({loop.steady(), posting->uuid, posting->run, speaker,
                               is_final(database->state_of(posting->uuid, posting->run)) ||
                                   database->forgot_end(posting->uuid, posting->run),
                               stands_on_board(*posting), path});
}

/// A job is removed in one multi with its holder's lock, right behind it.
void World::lock_changed(const std::string& path, bool gone) {
  if (!gone) {
    lock_makers_[path] = speaker;
    return;
  }
  const auto maker = lock_makers_.extract(path);
  last_unlocked_ = path;
  if (!speaker.empty() && !maker.empty() && maker.mapped() != speaker)
    evidence.foreign_hands.push_back({speaker, maker.mapped(), path});
}

bool World::stands_on_board(const Posting& posting) const {
  for (const auto& name : ensemble.children(kBoard)) {
    const auto other = Posting::parse(ensemble.find(std::string(kBoard) + "/" + name)->data);
    if (other.ok() && other->uuid == posting.uuid && other->run == posting.run) return true;
  }
  return false;
}

}  // namespace baton::simulation
