#include "worker/worker.h"

#include <utility>

#include "common/model/assert.h"

namespace baton::worker {

using ports::AdvertState;
using runtime::UnreadableKind;

namespace {

constexpr const char* kServersHint =
    "the settings zookeeper.hosts and kafka.brokers say where the servers are";

bool is_for_conductors(const wire::Body& body) {
  return std::holds_alternative<wire::Answers>(body) || std::holds_alternative<wire::Report>(body) ||
         std::holds_alternative<wire::Echo>(body);
}

}  // namespace

Worker::Worker(TaskRunner::Ports ports, const RunnerLimits& limits, ports::Advert about,
               std::vector<std::string> task_types, Events events)
    : ports_(ports),
      log_(runtime::Log().with({{"worker", about.name}})),
      unreadables_(ports_.clock),
      advert_(std::move(about)),
      events_(std::move(events)),
      runner_(ports, limits, advert_.incarnation) {
  advert_.slots = limits.slots;
  advert_.task_types = std::move(task_types);
}

Worker::~Worker() = default;

/// Callbacks of the ports may come after this object's end; then nothing happens.
template <class F>
auto Worker::guarded(F then) {
  return [alive = std::weak_ptr(alive_), then = std::move(then)](auto&&... given) mutable {
    if (!alive.expired()) then(std::forward<decltype(given)>(given)...);
  };
}

void Worker::start() {
  ports_.directory.open(*this);
  ports_.bus.open(*this);
  check_bus();
  ports_.clock.after(kStartShownEvery, guarded([this] { show_start(); }));
}

/// A port that waits for its server says nothing by itself.
void Worker::show_start() {
  if (ready_ || draining_) return;
  log_.warning("not serving yet", {{"waiting_for", waiting_for_}, {"hint", kServersHint}});
  ports_.clock.after(kStartShownEvery, guarded([this] { show_start(); }));
}

void Worker::again(const char* what, const std::string& why, std::function<void()> step) {
  retries_.write(log_, runtime::LogLevel::Warning, ports_.clock.steady(),
                 std::string(what) + ": trying again",
                 {{"why", why}, {"hint", kServersHint}, {"every_ms", kRetryPause.count()}});
  ports_.clock.after(kRetryPause, guarded([this, step = std::move(step)] {
                       if (!draining_) step();
                     }));
}

void Worker::check_bus() {
  waiting_for_ = "Kafka, to check its topics";
  ports_.bus.check(guarded([this](Result<void, ports::BusError> checked) {
    if (draining_) return;
    if (checked.ok()) return count_partitions();
    const auto& error = checked.error();
    if (error.code == ports::BusErrorCode::Unavailable)
      return again("Kafka cannot be asked", error.message, [this] { check_bus(); });
    end(End::Refused, error.message);
  }));
}

void Worker::count_partitions() {
  waiting_for_ = "Kafka, to tell its partitions";
  ports_.bus.partitions(
      ports::InboxKind::Requests, guarded([this](Result<std::int32_t, ports::BusError> count) {
        if (draining_) return;
        if (count.ok()) return lease_inbox(count.value());
        again("Kafka cannot tell its partitions", count.error().message, [this] { count_partitions(); });
      }));
}

void Worker::lease_inbox(std::int32_t partitions) {
  waiting_for_ = "ZooKeeper, to lease an inbox";
  ports_.directory.lease_partition(
      ports::InboxKind::Requests, partitions, advert_.incarnation,
      guarded([this, partitions](Result<std::int32_t, ports::DirectoryError> leased) {
        if (draining_) return;
        if (leased.ok()) return open_inbox(leased.value());
        again("ZooKeeper gives no lease of an inbox", leased.error().message,
              [this, partitions] { lease_inbox(partitions); });
      }));
}

void Worker::open_inbox(std::int32_t partition) {
  waiting_for_ = "Kafka, to open the inbox";
  ports_.bus.open_inbox(ports::InboxKind::Requests, partition,
                        guarded([this, partition](Result<ports::InboxAddress, ports::BusError> opened) {
                          if (draining_) return;
                          if (opened.ok()) return serve(opened.value());
                          again("the inbox cannot be opened", opened.error().message,
                                [this, partition] { open_inbox(partition); });
                        }));
}

void Worker::serve(const ports::InboxAddress& inbox) {
  waiting_for_ = "ZooKeeper, to write the advert";
  advert_.inbox = inbox;
  runner_.set_inbox(inbox.partition);
  serving_ = true;
  refresh_advert();
}

/// One call at a time; what changed meanwhile is shown by the next one.
void Worker::refresh_advert() {
  advert_.state = draining_      ? AdvertState::Draining
                  : unreachable_ ? AdvertState::Unreachable
                                 : AdvertState::Ready;
  if (!serving_ || advertising_ || shown_ == advert_.state) return;
  advertising_ = true;
  ports_.directory.advertise(
      advert_, guarded([this, state = advert_.state](Result<void, ports::DirectoryError> advertised) {
        advertising_ = false;
        if (!advertised.ok() && !events_.ended) return;  // it has left, and its session with it
        if (!advertised.ok()) {
          shown_.reset();  // it may still be written, with the next session: what is right then must be said
          log_.warning("the advert cannot be written: trying again", {{"why", advertised.error().message}});
          ports_.clock.after(kRetryPause, guarded([this] { refresh_advert(); }));
          return;
        }
        shown_ = state;
        log_.info("advertised", {{"state", ports::to_string(state)},
                                 {"incarnation", advert_.incarnation},
                                 {"inbox", advert_.inbox->partition}});
        if (!std::exchange(ready_, true)) events_.ready();
        refresh_advert();
      }));
}

void Worker::on_session_lost() {
  log_.warning("the ZooKeeper session is lost; what runs goes on, what waits is handed back");
  runner_.session_lost();
}

void Worker::on_message(std::string_view bytes) {
  const auto addressee = wire::addressee(bytes);
  if (addressee != advert_.incarnation && !addressee.value.is_nil()) return;  // the partition may be shared
  const auto message = wire::decode(bytes);
  if (!message.ok()) return unreadable(message.error());
  if (is_for_conductors(message->body))
    return unreadables_.saw(UnreadableKind::Misplaced, "what only workers say", message->from);
  runner_.receive(*message);
}

void Worker::unreadable(const wire::Unreadable& what) {
  unreadables_.saw(what.unsupported ? UnreadableKind::Version : UnreadableKind::Message, what.message,
                   what.from);
  if (what.to == advert_.incarnation) runner_.receive_unreadable(what);
}

void Worker::on_undeliverable(std::uint64_t tag, const ports::BusError& error) {
  log_.error("Kafka refuses a message for good", {{"why", error.message}});
  runner_.on_undeliverable(tag, error);
}

void Worker::on_reachable(bool reachable) {
  ports_.clock.cancel(std::exchange(unreachable_timer_, 0));
  if (reachable) {
    unreachable_ = false;
    return refresh_advert();
  }
  unreachable_timer_ = ports_.clock.after(kUnreachableAfter, guarded([this] {
                                            unreachable_timer_ = 0;
                                            unreachable_ = true;
                                            refresh_advert();
                                          }));
}

void Worker::drain(Millis deadline) {
  if (std::exchange(draining_, true)) return;
  log_.info("draining", {{"deadline_ms", deadline.count()}});
  refresh_advert();
  runner_.drain(deadline, [this](bool clean) { leave(clean); });
}

void Worker::leave(bool clean) {
  const auto left = runner_.figures();
  if (!clean)
    log_.warning("the drain is over, but not everything has ended",
                 {{"running", left.running}, {"unrecorded", left.unrecorded}});
  ports_.bus.close(kFlushMax);
  ports_.directory.close();  // advert and lease vanish with the session
  end(clean ? End::Drained : End::DrainedLate,
      clean ? "" : std::to_string(left.running) + " tasks still ran at the end of worker.drain_ms");
}

void Worker::end(End how, const std::string& why) {
  if (events_.ended) std::exchange(events_.ended, nullptr)(how, why);
}

}  // namespace baton::worker
