#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/ports/directory.h"
#include "common/wire/messages.h"
#include "conductor/alive.h"
#include "conductor/bounds.h"
#include "conductor/flows.h"
#include "conductor/inspection.h"
#include "conductor/outbox.h"
#include "conductor/timers.h"

namespace baton::conductor {

/// The fencing token inside this process.
struct DeliveryKey {
  FlowId flow;
  AtomIndex atom = kNoAtom;
  Dispatch dispatch = 0;
  auto operator<=>(const DeliveryKey&) const = default;
};

/// How a delivery was lost, and whether that counts against its atom.
struct Loss {
  std::string why;
  bool charged = true;
};

/// Keeps every open delivery moving (PROTOCOL.md H8): what is recorded as sent is sent, sent again while
/// nobody acknowledges it or when the worker's reports no longer list it, and given up as lost when the
/// worker stays silent though Kafka took the messages and our own inbox was readable. The same for cancels
/// and probes. One ordered list of due re-sends, not a timer each. Owner's thread only.
class Dispatcher {
 public:
  Dispatcher(Timers&, Outbox&, Flows&, const Bounds&, Counters&);

  /// `heartbeat`: the atom's own patience, else the bound.
  void send(const DeliveryKey&, const Incarnation& worker, wire::Request, std::optional<Millis> heartbeat);
  void cancel(const DeliveryKey&, const Incarnation& worker, const wire::DeliveryId& if_unknown,
              std::string why);
  void probe(const DeliveryKey&, const Incarnation& worker, wire::DeliveryId);

  /// The delivery's outcome is known, or it has moved on. A cancel under way stays: it waits for the end.
  void close(const DeliveryKey&);
  /// The worker's last word about it. True: it was being cancelled or probed.
  bool end(const DeliveryKey&);
  void forget(const FlowId&);

  // ---- words of workers
  /// Anything came into our inbox, whoever it was from.
  void inbox_brought() { ++brought_; }
  void heard_of(const Incarnation& worker);
  void reported(const Incarnation& worker, const wire::Report&);
  /// Its word. What it does not hold when it is given up has hardly run there: that loss is not charged.
  void cannot_read_us(const Incarnation& worker);

  // ---- what happens to workers and the bus
  /// A worker's word is awaited, from now on.
  void on_open(std::function<void()> then) { opened_ = std::move(then); }
  void workers(const std::vector<ports::Advert>&);
  /// A worker that holds deliveries and is not in the picture; asked at each send.
  void on_missing(std::function<void(const Incarnation&)> then) { missing_ = std::move(then); }
  /// One that was silent for a whole heartbeat: better not to place at it for now.
  void on_silent(std::function<void(const Incarnation&)> then) { silent_ = std::move(then); }
  void worker_gone(const Incarnation&, const std::function<Loss(const wire::DeliveryId&)>& judge);
  void undeliverable(Outbox::Batch, const ports::BusError&);
  void reachable(bool);

  std::vector<Incarnation> holders() const;  // workers with open deliveries
  bool holds(const DeliveryKey&) const;
  /// Who was asked to end a delivery of this atom, be it an earlier one, and has not said that it has.
  std::optional<Incarnation> ending_at(const FlowId&, AtomIndex) const;
  std::size_t open() const { return open_.size(); }
  /// At most `limit` of a flow's open deliveries, in the order of its atoms.
  std::vector<RunningAtom> running(const FlowId&, std::size_t limit) const;
  std::size_t running_count(const FlowId&) const;

 private:
  enum class Asks { Run, Cancel, Probe };
  enum class Known { There, CutOff };
  struct Open {
    Asks asks = Asks::Run;
    wire::DeliveryId id;
    Incarnation worker;
    std::string why;  // of a cancel
    std::uint32_t resends_max = 0;
    std::uint32_t resends = 0;   // that count towards silence …
    std::uint32_t doubtful = 0;  // … and later ones: nothing came into our inbox behind them
    std::uint64_t brought = 0;   // what had come into it before the last copy
    std::uint64_t sent = 0;      // number of the last send
    Micros first_sent{0}, last_sent{0};
    Outbox::Batch batch = 0;
    bool alone = false;   // its message was too large together with others
    bool waited = false;  // its last copy was given time to leave
    bool acknowledged = false, started = false;
    std::uint64_t listed_in = 0;  // number of the last report that listed it
    double progress = 0;
    std::string note;
  };
  struct Line {
    std::set<DeliveryKey> open;
    std::uint64_t reports = 0;
    Micros heard{0};
    bool watched = false;         // a patience timer runs
    bool cannot_read_us = false;  // and has not listed anything since
  };
  struct Due {
    Micros at{0};
    DeliveryKey key;
    std::uint64_t sent = 0;
  };

  Open& begin(const DeliveryKey&, const Incarnation& worker, wire::DeliveryId, Asks);
  void transmit(const DeliveryKey&, Open&);
  void transmit(const DeliveryKey&, Open&, wire::Request);
  void sent(const DeliveryKey&, Open&);
  void send_again(const DeliveryKey&);
  void held(const Incarnation& worker, Line&, const wire::Holding&);
  void missing_in(Line&);
  void watch(const Incarnation& worker);
  void arm();
  void due();
  void lose(const DeliveryKey&, Loss);
  std::map<DeliveryKey, Open>::iterator erase(std::map<DeliveryKey, Open>::iterator);
  bool counts_as_silence(const Open&) const;
  bool silent(Open&) const;
  bool can_send() const;
  bool left_us(const Open&) const;

  Timers& timers_;
  Outbox& outbox_;
  Flows& flows_;
  const Bounds& bounds_;
  Counters& counters_;
  std::function<void(const Incarnation&)> missing_, silent_;
  std::function<void()> opened_;
  std::map<DeliveryKey, Open> open_;
  std::map<Incarnation, Line> lines_;
  std::deque<Due> due_;  // the pause is the same for all: ascending
  std::map<Incarnation, Known> workers_;
  bool timer_armed_ = false;
  std::uint64_t sends_ = 0, brought_ = 0;
  bool reachable_ = true;
  Micros reachable_since_{0};
  Alive alive_;
};

}  // namespace baton::conductor
