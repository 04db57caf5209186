#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/ports/clock.h"
#include "common/ports/executor.h"
#include "common/ports/message_bus.h"
#include "common/wire/messages.h"
#include "conductor/alive.h"
#include "conductor/bounds.h"
#include "conductor/inspection.h"

namespace baton::conductor {

/// Messages to workers' inboxes. Requests of one turn of the loop to one worker share a message; "recorded"
/// is told late and together. While the bus is full, messages wait here, and full() holds back their sources
/// (re-sends, new claims), so that no more waits than deliveries are open, and no more than unsent_bytes_max:
/// what is over that is dropped, since who waits for an answer sends it again. Owner's thread only.
class Outbox {
 public:
  /// Tells one message from others for those who must know when it can never arrive; never 0.
  using Batch = std::uint64_t;
  using Refused = std::function<void(Batch, const ports::BusError&)>;

  Outbox(ports::Executor&, ports::Clock&, ports::MessageBus&, const Bounds&, Counters&);

  /// Who we are in messages, once our inbox is open.
  void identify(Incarnation self, std::int32_t reply_partition);
  /// `then`: a batch that the bus refused for ever, told in a later turn. Later refusals come through
  /// MessageBus::Listener::on_undeliverable with the batch as tag.
  void on_refused(Refused then) { refused_ = std::move(then); }
  /// The directory's picture. What waits for a worker that is no longer there, or nowhere, is dropped.
  void workers(const std::vector<ports::Advert>&);

  /// Goes with the turn's other requests to that worker, or `alone`. The batch that it went into; nullopt:
  /// the worker has no address (nothing was sent; who waits for an answer repeats it).
  std::optional<Batch> request(const Incarnation& worker, wire::Request, bool alone);
  void cancel(const Incarnation& worker, wire::Cancel);
  void probe(const Incarnation& worker, wire::Probe);
  void recorded(const Incarnation& worker, wire::DeliveryId);

  /// Sends now what would wait for the turn's end.
  void flush();
  /// Drops what has not gone to the bus yet.
  void clear();
  void on_room();
  bool full() const { return full_; }
  /// Nothing has waited here since then; only if not full().
  Micros open_since() const { return open_since_; }

 private:
  struct Line {
    ports::InboxAddress address;
    std::vector<wire::Request> requests;
    std::size_t bytes = 0;
    Batch batch = 0;
    std::vector<wire::DeliveryId> recorded;
    bool recorded_timer = false;
  };
  struct Unsent {
    ports::InboxAddress to;
    std::string bytes;
    Batch batch = 0;
  };

  Line* line(const Incarnation& worker);
  void flush_requests(const Incarnation& worker, Line&);
  void flush_recorded(const Incarnation& worker);
  void put(const Incarnation& to, const Line&, wire::Body, Batch batch);
  bool offer(const Unsent&);  // false: full

  ports::Executor& executor_;
  ports::Clock& clock_;
  ports::MessageBus& bus_;
  const Bounds& bounds_;
  Counters& counters_;
  Incarnation self_;
  std::int32_t reply_partition_ = 0;
  Refused refused_;
  std::map<Incarnation, Line> lines_;
  std::vector<Incarnation> filled_;  // lines with requests, in the order of their first one
  std::deque<Unsent> unsent_;
  std::size_t unsent_bytes_ = 0;
  Micros open_since_{0};
  Batch last_batch_ = 0;
  bool posted_ = false;
  bool full_ = false;
  Alive alive_;
};

}  // namespace baton::conductor
