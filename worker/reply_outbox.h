#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "common/ports/executor.h"
#include "common/ports/message_bus.h"
#include "common/wire/messages.h"
#include "worker/delivery_memory.h"
#include "worker/waiting_answers.h"

namespace baton::worker {

/// Sends answers to conductors: those of one loop turn to one conductor in one message. Waits while the bus
/// is full. What Kafka will never take is told, so that it becomes a failure that it takes.
/// Bounds on what waits: an answer that is repeated replaces the one that waits; words (busy, refused, …)
/// over kWordsWaitingMax are dropped, conductors ask again; outcomes over kOutcomesWaitingMax or
/// kBytesWaitingMax too, the memory keeps them and repeats them.
class ReplyOutbox {
 public:
  static constexpr std::size_t kBatchBytesMax = 4 * kMiB;
  static constexpr std::size_t kWordsWaitingMax = 10'000;
  static constexpr std::size_t kOutcomesWaitingMax = 50'000;
  static constexpr std::size_t kBytesWaitingMax = 128 * kMiB;
  /// Of what was sent, kept for on_undeliverable; older ones are repeated anyway.
  static constexpr std::size_t kBatchesKnownMax = 1'024;
  static constexpr std::size_t kBytesKnownMax = 64 * kMiB;

  /// The answer alone in its message was refused for ever.
  using Undeliverable = std::function<void(const wire::DeliveryId&, const std::string& why)>;

  /// `emptied` is called when the last waiting answer was given to the bus.
  ReplyOutbox(ports::MessageBus&, ports::Executor&, Incarnation self, Undeliverable,
              std::function<void()> emptied);

  void set_inbox(std::int32_t partition) { inbox_ = partition; }  // where conductors reach this worker

  void add(const ReplyTo&, wire::Answer);
  /// Not batched, not repeated: the next report says it better. False: the bus is full.
  bool send_report(const ReplyTo&, wire::Report);

  void on_room() { flush(); }
  void on_undeliverable(std::uint64_t tag, const ports::BusError&);
  bool empty() const { return waiting_.empty() && alone_.empty(); }

 private:
  struct Batch {
    std::uint64_t tag = 0;
    ReplyTo to;
    std::vector<wire::Answer> answers;
    std::size_t bytes = 0;
  };

  bool has_room(const wire::Answer&) const;

  void flush_soon();
  void flush();
  std::vector<wire::Answer> take(WaitingAnswers&);
  void put_back(const ReplyTo&, std::vector<wire::Answer>);
  bool send_batch(const ReplyTo&, std::vector<wire::Answer>& answers);
  void remember(Batch);
  void refused(Batch, const ports::BusError&);

  ports::MessageBus& bus_;
  ports::Executor& executor_;
  const Incarnation self_;
  const Undeliverable undeliverable_;
  const std::function<void()> emptied_;
  std::int32_t inbox_ = 0;
  std::map<ReplyTo, WaitingAnswers> waiting_;
  std::size_t waiting_count_ = 0, waiting_bytes_ = 0;
  std::vector<std::pair<ReplyTo, wire::Answer>> alone_;  // of a refused batch: each in a message of its own
  std::deque<Batch> sent_;
  std::size_t sent_bytes_ = 0;
  std::uint64_t last_tag_ = 0;
  bool flush_posted_ = false;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace baton::worker
