#include "conductor/conductor.h"

#include "common/runtime/log.h"
#include "common/runtime/rate_limit.h"
#include "conductor/claim_loop.h"
#include "conductor/hook_desk.h"
#include "conductor/inbox_watch.h"
#include "conductor/orders.h"
#include "conductor/reply_listener.h"
#include "conductor/stall_watch.h"
#include "conductor/worker_watch.h"

namespace baton::conductor {
namespace {

constexpr const char* kServersHint =
    "the settings zookeeper.hosts, kafka.brokers and postgres.conninfo say where the servers are";

}  // namespace

/// The parts and how they know each other; what directory and store tell.
struct Conductor::Parts final : ports::Directory::Listener, ports::FlowStore::Listener {
  Parts(Ports ports, ports::Member member, const Bounds& limits, FlowHooks* hooks)
      : with(ports),
        me(std::move(member)),
        bounds(limits),
        time(ports.clock),
        timers(ports.clock, ports.bus, bounds.stall, bounds.inbox_reading_max),
        flows(ports.executor),
        outbox(ports.executor, ports.clock, ports.bus, bounds, counters),
        placement(ports.clock, ports.entropy, flows, bounds),
        dispatcher(timers, outbox, flows, bounds, counters),
        watch(timers, dispatcher, bounds),
        orders(ports.store, flows, ports.clock, bounds),
        orphans(ports.store, outbox),
        unreadables(ports.clock),
        replies(flows, dispatcher, outbox, placement, orphans, counters, unreadables, bounds),
        lifeline(ports.store, ports.clock, bounds),
        inbox_watch(ports.clock, bounds),
        hook_desk(desk_of(ports, bounds, counters, me)),
        source(ports.catalogue),
        claims({{ports.store, timers, time, flows, placement, dispatcher, watch, outbox, feed, lifeline,
                 ports.clock, bounds, counters, atoms_held, hooks, ports.catalogue.retries(), ports.marker,
                 hook_desk ? &*hook_desk : nullptr},
                ports.board,
                ports.clock,
                ports.executor,
                ports.entropy,
                source,
                me,
                unreadables}) {
    dispatcher.on_silent([this](const Incarnation& worker) { placement.rest(worker, bounds.silent_rest); });
    replies.identify(me.incarnation);
    replies.on_bus_reachable([this](bool reachable) {
      broker_answers = reachable;
      judge_bus();
    });
    replies.on_anything([this] {
      dispatcher.inbox_brought();
      inbox_watch.heard();
    });
    dispatcher.on_open([this] { inbox_watch.awaiting(); });
    inbox_watch.set([this] { return echo(); }, [this] { return dispatcher.open() > 0; },
                    [this] { judge_bus(); });
    replies.on_room_again([this] { claims.pump(); });
    lifeline.on_change([this](const std::string& why) { claims.free_all(why); }, [this] { claims.pump(); });
  }

  /// None where there is nobody to call.
  static std::optional<HookDesk> desk_of(const Ports& ports, const Bounds& bounds, Counters& counters,
                                         const ports::Member& me) {
    if (!ports.hook_book || ports.hook_book->empty()) return std::nullopt;
    BATON_ASSERT(ports.hook_runner && ports.store.hooks());
    return HookDesk({*ports.store.hooks(), *ports.hook_book, *ports.hook_runner, ports.clock, ports.entropy,
                     bounds, counters, me});
  }
  void start_hooks();

  // ---- start, one step after the other
  void check_store();
  void check_bus();
  void count_partitions();
  void lease(std::int32_t partitions);
  void open_inbox(std::int32_t partition);
  void join();
  void again(const std::string& why, std::function<void()> step);
  void show_start();
  void refuse(const std::string& why);
  template <class Error>
  void step_failed(const Error& error, bool may_pass, std::function<void()> step);

  void close(bool clean);

  // ---- the bus
  bool echo();
  void judge_bus();

  // ports::Directory::Listener
  void on_workers(const std::vector<ports::Advert>& adverts,
                  const std::vector<Incarnation>& noted_dead) override {
    outbox.workers(adverts);
    dispatcher.workers(adverts);
    placement.workers(adverts);
    watch.picture(adverts, noted_dead);
  }
  void on_conductors(const std::vector<ports::Member>& members) override {
    conductors = members;
    claims.conductors(members);
  }
  void on_last_tasks(const std::map<Incarnation, ports::LastTasks>& tasks) override {
    watch.last_tasks(tasks);
  }
  void on_unreadable(const std::string& path, const std::string& why) override {
    unreadables.saw(runtime::UnreadableKind::Advert, why, path);
  }
  void on_culprits(const ports::Culprits& culprits) override { claims.culprits(culprits); }
  void on_session_lost() override { watch.session_lost(); }

  // ports::FlowStore::Listener
  void on_reachable(bool reachable) override {
    reachable ? lifeline.store_answered() : lifeline.store_failed("no connection");
  }
  /// What was recorded and sent may be forgotten there (PROTOCOL.md H17): nothing of it may follow.
  void on_another_database(const std::string& what) override {
    claims.another_database(what);
    outbox.clear();
    orphans.forget();
  }
  void on_order(const FlowId& flow) override { orders.heard(flow); }
  void on_orders_missed() override { orders.missed(); }

  const Ports with;
  ports::Member me;  // does not change any more once it has joined
  const Bounds bounds;
  Counters counters;
  std::size_t atoms_held = 0;
  EventFeed feed;
  StoreTime time;
  Timers timers;
  Flows flows;
  Outbox outbox;
  Placement placement;
  Dispatcher dispatcher;
  WorkerWatch watch;
  Orders orders;
  Orphans orphans;
  runtime::Unreadables unreadables;
  ReplyListener replies;
  Lifeline lifeline;
  InboxWatch inbox_watch;
  std::optional<HookDesk> hook_desk;
  FlowSource source;
  ClaimLoop claims;
  std::optional<StallWatch> stall_watch;
  std::vector<ports::Member> conductors;
  std::function<void(const std::string&)> started;
  std::function<void(bool)> drained;
  bool stopping = false;
  bool broker_answers = true;
  const char* waiting_for = "";                // of the start
  runtime::RateLimit retries{Millis{10'000}};  // messages about what is tried again
  Alive alive;
};

void Conductor::Parts::again(const std::string& why, std::function<void()> step) {
  retries.write(runtime::Log(), runtime::LogLevel::Warning, with.clock.steady(), "waiting for a server",
                {{"why", why}, {"hint", kServersHint}});
  with.clock.after(bounds.start_retry_pause, alive.guard([this, step = std::move(step)] {
    if (!stopping) step();
  }));
}

/// A port that waits for its server says nothing by itself.
void Conductor::Parts::show_start() {
  if (!started || stopping) return;
  runtime::Log().warning("not serving yet", {{"waiting_for", waiting_for}, {"hint", kServersHint}});
  with.clock.after(bounds.start_shown_every, alive.guard([this] { show_start(); }));
}

void Conductor::Parts::refuse(const std::string& why) {
  if (started) std::exchange(started, nullptr)(why);
}

template <class Error>
void Conductor::Parts::step_failed(const Error& error, bool may_pass, std::function<void()> step) {
  if (stopping) return;
  may_pass ? again(error.message, std::move(step)) : refuse(error.message);
}

void Conductor::Parts::check_store() {
  waiting_for = "Postgres, to check the schema";
  with.store.check(alive.guard([this](const Result<void, ports::StoreError>& done) {
    if (done.ok()) return check_bus();
    const auto code = done.error().code;
    step_failed(done.error(),
                code == ports::StoreErrorCode::Unavailable || code == ports::StoreErrorCode::OutcomeUnknown,
                [this] { check_store(); });
  }));
}

void Conductor::Parts::check_bus() {
  waiting_for = "Kafka, to check its topics";
  with.bus.check(alive.guard([this](const Result<void, ports::BusError>& done) {
    if (done.ok()) return count_partitions();
    step_failed(done.error(), done.error().code == ports::BusErrorCode::Unavailable, [this] { check_bus(); });
  }));
}

void Conductor::Parts::count_partitions() {
  waiting_for = "Kafka, to tell its partitions";
  with.bus.partitions(
      ports::InboxKind::Replies, alive.guard([this](const Result<std::int32_t, ports::BusError>& partitions) {
        if (partitions.ok()) return lease(*partitions);
        step_failed(partitions.error(), partitions.error().code == ports::BusErrorCode::Unavailable,
                    [this] { count_partitions(); });
      }));
}

void Conductor::Parts::lease(std::int32_t partitions) {
  waiting_for = "ZooKeeper, to lease an inbox";
  with.directory.lease_partition(
      ports::InboxKind::Replies, partitions, me.incarnation,
      alive.guard([this, partitions](const Result<std::int32_t, ports::DirectoryError>& partition) {
        if (partition.ok()) return open_inbox(*partition);
        step_failed(partition.error(), partition.error().code != ports::DirectoryErrorCode::NameTaken,
                    [this, partitions] { lease(partitions); });
      }));
}

void Conductor::Parts::open_inbox(std::int32_t partition) {
  waiting_for = "Kafka, to open the inbox";
  with.bus.open_inbox(
      ports::InboxKind::Replies, partition,
      alive.guard([this, partition](const Result<ports::InboxAddress, ports::BusError>& inbox) {
        if (!inbox.ok())
          return step_failed(inbox.error(), inbox.error().code == ports::BusErrorCode::Unavailable,
                             [this, partition] { open_inbox(partition); });
        outbox.identify(me.incarnation, partition);
        me.inbox = *inbox;
        join();
      }));
}

void Conductor::Parts::join() {
  waiting_for = "ZooKeeper, to join the conductors";
  with.directory.join(me, alive.guard([this](const Result<void, ports::DirectoryError>& done) {
    if (!done.ok())
      return step_failed(done.error(), done.error().code != ports::DirectoryErrorCode::NameTaken,
                         [this] { join(); });
    if (stopping) return;
    claims.open();
    start_hooks();
    if (started) std::exchange(started, nullptr)({});
  }));
}

void Conductor::Parts::start_hooks() {
  if (!hook_desk) return;
  hook_desk->start();
  if (!hook_desk->book().stalled_after()) return;
  stall_watch.emplace(*with.store.hooks(), with.clock, bounds, *hook_desk,
                      [this](const auto& see) { claims.board().each(see); });
  stall_watch->start();
}

/// To ourselves, through Kafka.
bool Conductor::Parts::echo() {
  if (!me.inbox) return false;
  const wire::Message message{me.incarnation, me.incarnation, me.inbox->partition, wire::Echo{}};
  return with.bus.send(*me.inbox, wire::encode(message), 0).ok();
}

void Conductor::Parts::judge_bus() {
  const std::string away = !broker_answers           ? "Kafka is away"
                           : !inbox_watch.readable() ? "Kafka brings nothing to our inbox"
                                                     : "";
  dispatcher.reachable(away.empty());
  lifeline.bus_away(away);
}

void Conductor::Parts::close(bool clean) {
  if (!drained) return;
  with.board.close();
  with.directory.close();
  timers.close();
  with.bus.close(Millis{500});  // what it still held would only be copies
  std::exchange(drained, nullptr)(clean);
}

Conductor::Conductor(Ports ports, ports::Member self, const Bounds& bounds, FlowHooks* hooks)
    : parts_(std::make_unique<Parts>(ports, std::move(self), bounds, hooks)) {}
Conductor::~Conductor() = default;

void Conductor::api_at(std::string address) {
  BATON_ASSERT(!parts_->started);
  parts_->me.api = std::move(address);
}

void Conductor::start(std::function<void(const std::string& refused)> started) {
  parts_->started = std::move(started);
  parts_->with.store.listen(*parts_);
  parts_->with.directory.open(*parts_);
  parts_->with.bus.open(parts_->replies);
  parts_->check_store();
  parts_->with.clock.after(parts_->bounds.start_shown_every,
                           parts_->alive.guard([parts = parts_.get()] { parts->show_start(); }));
}

void Conductor::drain(std::function<void(bool clean)> done) {
  Parts& parts = *parts_;
  parts.stopping = true;
  parts.drained = std::move(done);
  parts.with.clock.after(parts.bounds.drain_deadline, parts.alive.guard([&parts] { parts.close(false); }));
  parts.stall_watch.reset();
  parts.claims.drain(parts.alive.guard([&parts] {
    if (!parts.hook_desk) return parts.close(true);
    parts.hook_desk->drain(parts.alive.guard([&parts] { parts.close(true); }));
  }));
}

EventFeed& Conductor::feed() {
  return parts_->feed;
}

ports::Member Conductor::self() const {
  return parts_->me;
}
std::vector<LiveFlow> Conductor::flows() const {
  return parts_->claims.flows();
}
std::optional<LiveFlow> Conductor::flow(const JobId& job) const {
  return parts_->claims.flow(job);
}
std::vector<LeftAloneJob> Conductor::left_alone() const {
  return parts_->claims.left_alone();
}
std::vector<ParkedJob> Conductor::parked() const {
  return parts_->claims.parked();
}
std::vector<WorkerView> Conductor::workers() const {
  return parts_->placement.view();
}
std::vector<ports::Member> Conductor::conductors() const {
  return parts_->conductors;
}
const HookBook* Conductor::hooks() const {
  return parts_->hook_desk ? &parts_->hook_desk->book() : nullptr;
}

bool Conductor::test_hook(const std::string& name, std::function<void(const std::string& error)> done) {
  return parts_->hook_desk && parts_->hook_desk->test(name, std::move(done));
}

Counters Conductor::counters() const {
  auto counters = parts_->counters;
  counters.unreadable = parts_->unreadables.counts();
  return counters;
}

Gauges Conductor::gauges() const {
  const Parts& parts = *parts_;
  Gauges gauges;
  gauges.flows = parts.claims.held();
  gauges.atoms = parts.atoms_held;
  gauges.running = parts.dispatcher.open();
  gauges.waiting = parts.placement.waiting_count();
  gauges.board_jobs = parts.claims.board_jobs();
  gauges.candidates = parts.claims.candidates();
  gauges.left_alone = parts.claims.left_alone_count();
  gauges.parked = parts.claims.parked().size();
  gauges.workers = parts.placement.view().size();
  gauges.conductors = parts.conductors.size();
  gauges.hook_calls = parts.hook_desk ? parts.hook_desk->running() : 0;
  gauges.board = parts.claims.connected();
  gauges.store = parts.lifeline.store_there();
  gauges.bus = parts.lifeline.bus_there();
  gauges.draining = parts.stopping;
  gauges.claiming_paused = parts.claims.paused();
  return gauges;
}

}  // namespace baton::conductor
