#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "common/model/result.h"
#include "common/ports/directory.h"

namespace baton::ports {

/// TooLarge and Refused are permanent: the message will never arrive; the caller turns them into a failure
/// outcome. Everything that may pass (broker away, leader change) is repeated inside the adapter and never
/// reported here. Full: the queue is at its bound; nothing was queued; try again after on_room().
enum class BusErrorCode { TooLarge, Refused, Full, Unavailable };
struct BusError {
  BusErrorCode code;
  std::string message;
};

/// Messages to inboxes and from my own. Owner's thread only; callbacks on it, never inline.
/// Delivery is at least once at best: messages can be lost, doubled and reordered; the protocol above repairs
/// it.
class MessageBus {
 public:
  struct Listener {
    virtual ~Listener() = default;
    /// One message of my inbox; the bytes are valid during the call only.
    virtual void on_message(std::string_view bytes) = 0;
    /// All messages that were there have been delivered: a good moment to step flows and to commit.
    virtual void on_drained() = 0;
    /// The send queue has room again after a Full.
    virtual void on_room() = 0;
    /// A permanent failure of a message sent with this tag.
    virtual void on_undeliverable(std::uint64_t tag, const BusError&) = 0;
    /// The broker answered nothing for a while / answers again: for store_grace-like decisions and for `why`.
    virtual void on_reachable(bool reachable) = 0;
  };
  template <class T>
  using Done = std::function<void(Result<T, BusError>)>;

  virtual ~MessageBus() = default;

  virtual void open(Listener&) = 0;

  /// Checks the topic's limits and number of partitions against ours; a clear message when they do not fit.
  virtual void check(Done<void>) = 0;
  /// Number of partitions of the topic.
  virtual void partitions(InboxKind, Done<std::int32_t>) = 0;

  /// Starts reading at the partition's end; returns the address to advertise. On an offset error or a topic
  /// made anew: from the earliest, the caller filters.
  virtual void open_inbox(InboxKind, std::int32_t partition, Done<InboxAddress>) = 0;

  /// Queues a message; the tag comes back in on_undeliverable (0: nobody wants to know).
  virtual Result<void, BusError> send(const InboxAddress& to, std::string bytes, std::uint64_t tag) = 0;

  /// Reads my inbox up to its present end before it calls back (after a stall, before timers are trusted).
  virtual void catch_up(Done<void>) = 0;

  /// Waits for queued messages up to the deadline, then closes.
  virtual void close(Millis deadline) = 0;
};

}  // namespace baton::ports
