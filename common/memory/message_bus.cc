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
  std::shared_ptr<Link> link;
  std::shared_ptr<ports::MessageBus::Listener*> listener;
  std::vector<std::string> arrived;
  std::uint64_t under_way = 0;  // not arrived yet
  std::vector<ports::MessageBus::Done<void>> awaiting_end;
  bool draining = false;

  void bring(const std::string& bytes) {
    link->to_client([self = shared_from_this(), bytes] {
      --self->under_way;
      self->arrive(bytes);
    });
  }

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

void MemoryBroker::append(const InboxAddress& to, const std::string& bytes) {
  if (!reachable_) {
    stopped_.emplace_back(to, bytes);
    return;
  }
  ++sent_;
  const Fate fate = fates_ ? fates_(to, bytes) : Fate{};
  Log& log = logs_[{static_cast<int>(to.kind), to.partition}];
  for (std::uint32_t copy = 0; copy < fate.copies; ++copy) {
    ++log.end;
    for (const auto& reader : log.readers) {
      ++reader->under_way;
      if (fate.delay.count() == 0)
        reader->bring(bytes);
      else
        reader->clock->after(fate.delay, [reader, bytes] { reader->bring(bytes); });
    }
  }
}

void MemoryBroker::set_reachable(bool reachable) {
  if (std::exchange(reachable_, reachable) == reachable) return;
  if (reachable)
    for (auto& [to, bytes] : std::exchange(stopped_, {})) append(to, bytes);
  for (auto* bus : buses_) bus->reachable_changed();
}

void MemoryBroker::recreate_topics() {
  for (auto& [place, log] : logs_) {
    log.end = 0;
    for (const auto& reader : log.readers) reader->arrived.clear();
  }
}

MemoryMessageBus::MemoryMessageBus(MemoryBroker& broker, ports::Executor& executor, ports::Clock& clock,
                                   std::size_t queued_messages_max)
    : MemoryMessageBus(broker, executor, clock, std::make_shared<DirectLink>(executor), queued_messages_max) {
}

MemoryMessageBus::MemoryMessageBus(MemoryBroker& broker, ports::Executor& executor, ports::Clock& clock,
                                   std::shared_ptr<Link> link, std::size_t queued_messages_max)
    : broker_(broker),
      executor_(executor),
      clock_(clock),
      link_(std::move(link)),
      queued_messages_max_(queued_messages_max) {
  broker_.buses_.push_back(this);
}

MemoryMessageBus::~MemoryMessageBus() {
  close(Millis{0});
  std::erase(broker_.buses_, this);
}

void MemoryMessageBus::open(Listener& listener) {
  *listener_ = &listener;
  reached_ = reaches();
  executor_.post([listener = listener_, reached = reached_] {
    if (*listener) (*listener)->on_reachable(reached);
  });
}

template <class T>
void MemoryMessageBus::say_unavailable(Done<T> done) {
  executor_.post([done = std::move(done)] {
    done(Fail(BusError{BusErrorCode::Unavailable, "the broker does not answer"}));
  });
}

/// Asks the broker; the answer comes when the way there and back is free.
template <class T>
void MemoryMessageBus::ask(std::function<T()> at_broker, Done<T> done) {
  if (!reaches()) return say_unavailable(std::move(done));
  link_->to_server([link = link_, at_broker = std::move(at_broker), done = std::move(done)] {
    link->to_client([done, answer = at_broker()] { done(answer); });
  });
}

void MemoryMessageBus::check(Done<void> done) {
  ask<std::int32_t>([] { return 0; },
                    [done = std::move(done)](const Result<std::int32_t, BusError>& answer) {
                      answer.ok() ? done({}) : done(Fail(answer.error()));
                    });
}

void MemoryMessageBus::partitions(InboxKind, Done<std::int32_t> done) {
  ask<std::int32_t>([&broker = broker_] { return broker.partitions_; }, std::move(done));
}

void MemoryMessageBus::open_inbox(InboxKind kind, std::int32_t partition, Done<InboxAddress> done) {
  BATON_ASSERT(!reader_ && partition >= 0 && partition < broker_.partitions_);
  if (!reaches()) return say_unavailable(std::move(done));
  reader_ = std::make_shared<MemoryBroker::Reader>();
  reader_->executor = &executor_;
  reader_->clock = &clock_;
  reader_->link = link_;
  reader_->listener = listener_;
  ask<InboxAddress>(
      [&broker = broker_, reader = reader_, kind, partition] {
        auto& log = broker.logs_[{static_cast<int>(kind), partition}];
        if (*reader->listener) log.readers.push_back(reader);
        return InboxAddress{kind, partition, log.end};
      },
      std::move(done));
}

void MemoryMessageBus::transmit(const InboxAddress& to, std::string bytes) {
  link_->to_server([&broker = broker_, to, bytes = std::move(bytes)] { broker.append(to, bytes); });
}

Result<void, BusError> MemoryMessageBus::send(const InboxAddress& to, std::string bytes, std::uint64_t tag) {
  if (closed_) return Fail(BusError{BusErrorCode::Unavailable, "the bus is closed"});
  if (bytes.size() > kMessageBytesMax)
    return Fail(BusError{BusErrorCode::TooLarge, "the message has " + std::to_string(bytes.size()) +
                                                     " bytes, the limit is " +
                                                     std::to_string(kMessageBytesMax)});
  if (bytes.size() > broker_.message_bytes_max_) {
    executor_.post([listener = listener_, tag] {
      if (*listener && tag)
        (*listener)->on_undeliverable(tag, {BusErrorCode::TooLarge, "the topic takes less"});
    });
    return {};
  }
  if (reached_ && reaches()) {
    transmit(to, std::move(bytes));
    return {};
  }
  if (queued_.size() >= queued_messages_max_) {
    full_ = true;
    return Fail(BusError{BusErrorCode::Full, "the send queue is at its bound"});
  }
  queued_.emplace_back(to, std::move(bytes));
  return {};
}

/// What has been appended before is on its way to us before the answer is.
void MemoryMessageBus::catch_up(Done<void> done) {
  BATON_ASSERT(reader_ != nullptr);
  if (!reaches()) return say_unavailable(std::move(done));
  reader_->awaiting_end.push_back(std::move(done));
  link_->to_server(
      [link = link_, reader = reader_] { link->to_client([reader] { reader->tell_caught_up(); }); });
}

void MemoryMessageBus::close(Millis) {
  if (std::exchange(closed_, true)) return;
  *listener_ = nullptr;
  for (auto& [place, log] : broker_.logs_) std::erase(log.readers, reader_);
}

void MemoryMessageBus::set_cut(bool cut) {
  cut_ = cut;
  reachable_changed();
}

void MemoryMessageBus::reachable_changed() {
  const bool now = reaches();
  if (closed_ || std::exchange(reached_, now) == now) return;
  if (now)
    for (auto& [to, bytes] : std::exchange(queued_, {})) transmit(to, std::move(bytes));
  executor_.post([listener = listener_, now, room = now && std::exchange(full_, false)] {
    if (*listener) (*listener)->on_reachable(now);
    if (*listener && room) (*listener)->on_room();
  });
}

}  // namespace baton::memory
