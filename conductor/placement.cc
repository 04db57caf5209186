#include "conductor/placement.h"

#include <algorithm>
#include <array>

namespace baton::conductor {

/// What a worker has room for: to run one more, to queue one more, nothing.
enum class Placement::Room { Slot, Queue, None };

struct Placement::Worker {
  ports::Advert advert;
  bool listed = false;
  bool resting = false;
  Micros rest_until{0};
  std::uint32_t outstanding = 0;
  Room room = Room::None;    // stands in that list of its pools
  std::vector<Pool*> pools;  // where it fits

  bool takes() const { return listed && !resting && advert.state == ports::AdvertState::Ready; }
};

struct Placement::Pool {
  std::string type;
  std::map<std::string, std::string> labels;
  std::size_t fitting = 0;
  std::array<std::vector<Worker*>, 2> with;              // by Room: a free slot; only room to queue
  std::unordered_map<const Worker*, std::size_t> place;  // in its list
  std::map<FlowId, std::set<Waiting>> waiting;
  FlowId last_served;

  bool fits(const ports::Advert& advert) const {
    if (std::find(advert.task_types.begin(), advert.task_types.end(), type) == advert.task_types.end())
      return false;
    return std::all_of(labels.begin(), labels.end(), [&](const auto& wanted) {
      const auto found = advert.labels.find(wanted.first);
      return found != advert.labels.end() && found->second == wanted.second;
    });
  }
  /// The first other one with room, one with a free slot if there is; or itself.
  Worker* other_than(Worker* worker) const {
    for (const auto& those : with)
      for (Worker* other : those)
        if (other != worker) return other;
    return worker;
  }
  bool has_room() const { return !with[0].empty() || !with[1].empty(); }
  std::vector<Worker*>& list(Room room) { return with[static_cast<std::size_t>(room)]; }
  void add(Worker* worker) {
    if (worker->room == Room::None) return;
    auto& those = list(worker->room);
    place.emplace(worker, those.size());
    those.push_back(worker);
  }
  /// While worker->room is still what it was added with.
  void remove(Worker* worker) {
    const auto found = place.find(worker);
    if (found == place.end()) return;
    auto& those = list(worker->room);
    Worker* last = those.back();
    those[found->second] = last;
    place[last] = found->second;
    those.pop_back();
    place.erase(worker);
  }
};

namespace {

std::string key_of(const engine::TaskSpec& task) {
  std::string key = task.type;
  for (const auto& [label, value] : task.labels) key.append(1, '\0').append(label).append(1, '\0') += value;
  return key;
}

}  // namespace

Placement::Placement(ports::Clock& clock, ports::Entropy& entropy, Flows& flows, const Bounds& bounds)
    : clock_(clock), entropy_(entropy), flows_(flows), bounds_(bounds) {}
Placement::~Placement() = default;

std::uint32_t Placement::places(const Worker& worker) const {
  const std::uint32_t all = worker.advert.slots + bounds_.prefetch;
  return worker.takes() && all > worker.outstanding ? all - worker.outstanding : 0;
}

Placement::Room Placement::room(const Worker& worker) const {
  if (places(worker) == 0) return Room::None;
  return worker.outstanding < worker.advert.slots ? Room::Slot : Room::Queue;
}

Placement::Worker& Placement::worker(const Incarnation& incarnation) {
  auto& worker = workers_[incarnation];
  if (!worker) {
    worker = std::make_unique<Worker>();
    worker->advert.incarnation = incarnation;
  }
  return *worker;
}

void Placement::attach(Worker& worker, Pool& pool) {
  if (!worker.listed || !pool.fits(worker.advert)) return;
  worker.pools.push_back(&pool);
  ++pool.fitting;
  pool.add(&worker);
}

/// Keeps the pools' lists of those with room true; room that is new is offered at once.
void Placement::room_changed(Worker& worker) {
  const Room now = room(worker);
  if (now == worker.room) return;
  for (Pool* pool : worker.pools) pool->remove(&worker);
  worker.room = now;
  for (Pool* pool : worker.pools) pool->add(&worker);
  if (now == Room::None) return;
  const auto pools = worker.pools;
  for (Pool* pool : pools) serve(*pool);
}

void Placement::workers(const std::vector<ports::Advert>& adverts) {
  for (auto& [incarnation, worker] : workers_) {
    worker->listed = false;
    worker->room = Room::None;
  }
  for (const auto& advert : adverts) {
    Worker& listed = worker(advert.incarnation);
    listed.advert = advert;
    listed.listed = true;
    listed.room = room(listed);
  }
  std::erase_if(workers_,
                [](const auto& entry) { return !entry.second->listed && entry.second->outstanding == 0; });
  fill_pools();
  for (auto& [key, pool] : pools_) serve(*pool);
}

/// Makes every pool's list of those with room anew; pools that nobody waits in come back when asked for.
void Placement::fill_pools() {
  std::erase_if(pools_, [](const auto& entry) { return entry.second->waiting.empty(); });
  for (auto& [incarnation, worker] : workers_) worker->pools.clear();
  for (auto& [key, pool] : pools_) {
    pool->fitting = 0;
    pool->with = {};
    pool->place.clear();
    for (auto& [incarnation, worker] : workers_) attach(*worker, *pool);
  }
}

Placement::Pool& Placement::pool_of(const engine::TaskSpec& task) {
  if (pools_.size() >= kPoolsMax) fill_pools();
  auto& pool = pools_[key_of(task)];
  if (!pool) {
    pool = std::make_unique<Pool>();
    pool->type = task.type;
    pool->labels = task.labels;
    for (auto& [incarnation, worker] : workers_) attach(*worker, *pool);
  }
  return *pool;
}

Placement::Worker* Placement::choose(Pool& pool, const Taste& taste) {
  if (!pool.has_room()) return nullptr;
  Worker* chosen = nullptr;
  if (taste.prefer) {
    const auto found = workers_.find(*taste.prefer);
    if (found != workers_.end() && pool.place.contains(found->second.get())) chosen = found->second.get();
  }
  if (!chosen) {
    const auto& those = pool.list(pool.with[0].empty() ? Room::Queue : Room::Slot);
    const auto any = [&] { return those[entropy_.below(those.size())]; };
    chosen = any();
    Worker* other = those.size() > 1 ? any() : chosen;
    const auto load = [](const Worker& worker, const Worker& beside) {
      return std::uint64_t{worker.outstanding} * beside.advert.slots;  // outstanding per slot, crosswise
    };
    if (load(*other, *chosen) < load(*chosen, *other)) chosen = other;
    if (taste.avoid == chosen->advert.incarnation) chosen = pool.other_than(chosen);
  }
  ++chosen->outstanding;
  room_changed(*chosen);
  return chosen;
}

std::optional<Placement::Chosen> Placement::place(const FlowId& flow, AtomIndex atom,
                                                  const engine::TaskSpec& task, const Taste& taste) {
  Pool& pool = pool_of(task);
  if (const Worker* chosen = choose(pool, taste))
    return Chosen{chosen->advert.incarnation, chosen->advert.name};
  pool.waiting[flow].insert(Waiting{task.priority, ++asked_, atom, clock_.steady(), taste});
  ++waiting_;
  return std::nullopt;
}

/// Offers room to the flows in turn, so that one with 10,000 atoms does not starve the others.
void Placement::serve(Pool& pool) {
  while (pool.has_room() && !pool.waiting.empty()) {
    auto turn = pool.waiting.upper_bound(pool.last_served);
    if (turn == pool.waiting.end()) turn = pool.waiting.begin();
    const FlowId flow_id = pool.last_served = turn->first;
    const Waiting next = *turn->second.begin();
    turn->second.erase(turn->second.begin());
    if (turn->second.empty()) pool.waiting.erase(turn);
    --waiting_;
    FlowInbox* flow = flows_.find(flow_id);
    if (!flow || !flow->may_start(next.atom)) continue;  // reverted, cancelled or placed meanwhile
    const Worker* chosen = choose(pool, next.taste);
    flow->grant(next.atom, chosen->advert.incarnation, chosen->advert.name);
  }
}

void Placement::count(const Incarnation& incarnation) {
  Worker& holder = worker(incarnation);
  ++holder.outstanding;
  room_changed(holder);
}

void Placement::release(const Incarnation& incarnation) {
  const auto found = workers_.find(incarnation);
  BATON_ASSERT(found != workers_.end() && found->second->outstanding > 0);
  Worker& holder = *found->second;
  --holder.outstanding;
  if (holder.outstanding == 0 && !holder.listed) {
    workers_.erase(found);
    return;
  }
  room_changed(holder);
}

void Placement::rest(const Incarnation& incarnation, Millis pause) {
  const auto found = workers_.find(incarnation);
  if (found == workers_.end()) return;
  Worker& worker = *found->second;
  worker.rest_until = std::max(worker.rest_until, clock_.steady() + pause);
  if (std::exchange(worker.resting, true)) return;
  room_changed(worker);
  wake_later(incarnation, pause);
}

void Placement::wake_later(const Incarnation& incarnation, Millis pause) {
  clock_.after(pause, alive_.guard([this, incarnation] {
    const auto found = workers_.find(incarnation);
    if (found == workers_.end()) return;
    const Micros left = found->second->rest_until - clock_.steady();
    if (left > Micros{0}) return wake_later(incarnation, std::chrono::ceil<Millis>(left));
    found->second->resting = false;
    room_changed(*found->second);
  }));
}

void Placement::forget(const FlowId& flow) {
  for (auto& [key, pool] : pools_) {
    const auto found = pool->waiting.find(flow);
    if (found == pool->waiting.end()) continue;
    waiting_ -= found->second.size();
    pool->waiting.erase(found);
  }
}

std::string Placement::reason(const Pool& pool) const {
  std::string wanted = "'" + pool.type + "'";
  for (const auto& [label, value] : pool.labels) wanted += " with " + label + "=" + value;
  if (pool.fitting > 0) {
    std::uint64_t out = 0, slots = 0, ready = 0;
    for (const auto& [incarnation, worker] : workers_) {
      if (!worker->listed || !pool.fits(worker->advert)) continue;
      if (worker->advert.state != ports::AdvertState::Ready) continue;
      ++ready;
      out += worker->outstanding;
      slots += worker->advert.slots;
    }
    if (ready == 0)
      return "all workers that advertise " + wanted + " are draining or unreachable (" +
             std::to_string(pool.fitting) + ")";
    return "all workers that advertise " + wanted + " are full (" + std::to_string(ready) + " workers, " +
           std::to_string(out) + " requests at " + std::to_string(slots) + " slots)";
  }
  for (const auto& [incarnation, worker] : workers_) {
    const auto& types = worker->advert.task_types;
    if (worker->listed && std::find(types.begin(), types.end(), pool.type) != types.end())
      return "workers advertise '" + pool.type + "', but none " + wanted;
  }
  return "no worker advertises " + wanted;
}

std::vector<WaitingAtom> Placement::waiting(const FlowId& flow_id,
                                            const std::function<void(AtomIndex, WaitingAtom&)>& name,
                                            std::size_t limit) const {
  std::vector<WaitingAtom> shown;
  const FlowInbox* flow = flows_.find(flow_id);
  for (const auto& [key, pool] : pools_) {
    const auto found = pool->waiting.find(flow_id);
    if (!flow || found == pool->waiting.end()) continue;
    const std::string why = reason(*pool);
    for (const Waiting& one : found->second) {
      if (shown.size() >= limit) return shown;
      if (!flow->may_start(one.atom)) continue;
      WaitingAtom atom;
      name(one.atom, atom);
      atom.task_type = pool->type;
      atom.waiting_for = std::chrono::duration_cast<Millis>(clock_.steady() - one.since);
      atom.reason = why;
      shown.push_back(std::move(atom));
    }
  }
  return shown;
}

std::size_t Placement::waiting_count(const FlowId& flow) const {
  std::size_t count = 0;
  for (const auto& [key, pool] : pools_)
    if (const auto found = pool->waiting.find(flow); found != pool->waiting.end())
      count += found->second.size();
  return count;
}

std::vector<WorkerView> Placement::view() const {
  std::vector<WorkerView> shown;
  for (const auto& [incarnation, worker] : workers_)
    if (worker->listed) shown.push_back({worker->advert, worker->outstanding, places(*worker)});
  return shown;
}

}  // namespace baton::conductor
