#include "common/memory/message_bus.h"

#include <algorithm>

#include "common/model/assert.h"
#include "common/model/limits.h"

namespace baton::memory {

using ports::BusError;
using ports::BusErrorCode;
using ports::InboxAddress;
using ports::InboxKind;

/// A bus reading a partition. Messages wait in `arrived` until the posted drain takes them all.
struct MemoryBroker::Reader : std::enable_shared_from_this<MemoryBroker::Reader> {
  ports::Executor* executor = nullptr;
  ports::Clock* clock = nullptr;
  std::shared_ptr<ports::MessageBus::Listener*> listener;
  std::vector<std::string> arrived;
  std::uint64_t under_way = 0;  // delayed ones, not arrived yet
  std::vector<ports::MessageBus::Done<void>> awaiting_end;
  bool draining = false;

  void arrive(std::string bytes) {
    arrived.push_back(std::move(bytes));
    if (std::exchange(draining, true)) return;
    executor->post([self = shared_from_this()] { self->drain(); });
  }

  void drain() {
    draining = false;
    for (const auto& bytes : std::exchange(arrived, {}))
      if (*listener) (*listener)->on_message(bytes);
    if (*listener) (*listener)->on_drained();
    tell_caught_up();
  }

  void tell_caught_up() {
    if (under_way > 0 || !arrived.empty()) return;
    for (auto& done : std::exchange(awaiting_end, {})) done({});
  }
};

void MemoryBroker::append(const InboxAddress& to, std::string bytes) {
  ++sent_;
  const Fate fate = fates_ ? fates_(to, bytes) : Fate{};
  Log& log = logs_[{static_cast<int>(to.kind), to.partition}];
  for (std::uint32_t copy = 0; copy < fate.copies; ++copy) {
    ++log.end;
    for (const auto& reader : log.readers) {
      if (fate.delay.count() == 0) {
        reader->arrive(bytes);
        continue;
      }
      ++reader->under_way;
      reader->clock->after(fate.delay, [reader, bytes] {
        --reader->under_way;
        reader->arrive(bytes);
      });
    }
  }
}

void MemoryBroker::set_reachable(bool reachable) {
  if (std::exchange(reachable_, reachable) == reachable) return;
  for (auto* bus : buses_) bus->reachable_changed(reachable);
}

void MemoryBroker::recreate_topics() {
  for (auto& [place, log] : logs_) {
    log.end = 0;
    for (const auto& reader : log.readers) reader->arrived.clear();
  }
}

MemoryMessageBus::MemoryMessageBus(MemoryBroker& broker, ports::Executor& executor, ports::Clock& clock,
                                   std::size_t queued_messages_max)
    : broker_(broker), executor_(executor), clock_(clock), queued_messages_max_(queued_messages_max) {
  broker_.buses_.push_back(this);
}

MemoryMessageBus::~MemoryMessageBus() {
  close(Millis{0});
  std::erase(broker_.buses_, this);
}

void MemoryMessageBus::open(Listener& listener) {
  *listener_ = &listener;
  reachable_changed(broker_.reachable_);
}

void MemoryMessageBus::check(Done<void> done) {
  executor_.post([done = std::move(done)] { done({}); });
}

void MemoryMessageBus::partitions(InboxKind, Done<std::int32_t> done) {
  executor_.post([done = std::move(done), count = broker_.partitions_] { done(count); });
}

void MemoryMessageBus::open_inbox(InboxKind kind, std::int32_t partition, Done<InboxAddress> done) {
  BATON_ASSERT(!reader_ && partition >= 0 && partition < broker_.partitions_);
  reader_ = std::make_shared<MemoryBroker::Reader>();
  reader_->executor = &executor_;
  reader_->clock = &clock_;
  reader_->listener = listener_;
  auto& log = broker_.logs_[{static_cast<int>(kind), partition}];
  log.readers.push_back(reader_);
  executor_.post(
      [done = std::move(done), address = InboxAddress{kind, partition, log.end}] { done(address); });
}

Result<void, BusError> MemoryMessageBus::send(const InboxAddress& to, std::string bytes, std::uint64_t) {
  if (closed_) return Fail(BusError{BusErrorCode::Unavailable, "the bus is closed"});
  if (bytes.size() > kMessageBytesMax)
    return Fail(BusError{BusErrorCode::TooLarge, "the message has " + std::to_string(bytes.size()) +
                                                     " bytes, the limit is " +
                                                     std::to_string(kMessageBytesMax)});
  if (broker_.reachable_) {
    broker_.append(to, std::move(bytes));
    return {};
  }
  if (queued_.size() >= queued_messages_max_) {
    full_ = true;
    return Fail(BusError{BusErrorCode::Full, "the send queue is at its bound"});
  }
  queued_.emplace_back(to, std::move(bytes));
  return {};
}

void MemoryMessageBus::catch_up(Done<void> done) {
  BATON_ASSERT(reader_ != nullptr);
  reader_->awaiting_end.push_back(std::move(done));
  executor_.post([reader = reader_] { reader->tell_caught_up(); });
}

void MemoryMessageBus::close(Millis) {
  if (std::exchange(closed_, true)) return;
  *listener_ = nullptr;
  for (auto& [place, log] : broker_.logs_) std::erase(log.readers, reader_);
}

void MemoryMessageBus::reachable_changed(bool reachable) {
  if (closed_) return;
  if (reachable)
    for (auto& [to, bytes] : std::exchange(queued_, {})) broker_.append(to, std::move(bytes));
  executor_.post([listener = listener_, reachable, room = reachable && std::exchange(full_, false)] {
    if (*listener) (*listener)->on_reachable(reachable);
    if (*listener && room) (*listener)->on_room();
  });
}

}  // namespace baton::memory
