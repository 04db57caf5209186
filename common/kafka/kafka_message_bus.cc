#include "common/kafka/kafka_message_bus.h"

#include <optional>
#include <utility>

#include "common/kafka/blocking_calls.h"
#include "common/kafka/consumer.h"
#include "common/kafka/producer.h"
#include "common/kafka/topics.h"
#include "common/model/assert.h"

namespace baton::kafka {

using ports::BusError;
using ports::BusErrorCode;
using ports::InboxAddress;
using ports::InboxKind;

struct KafkaMessageBus::Impl : std::enable_shared_from_this<KafkaMessageBus::Impl> {
  Impl(boost::asio::io_context& loop, ports::Executor& owner_thread, ports::Clock& timers,
       KafkaSettings given)
      : io(loop), owner(owner_thread), clock(timers), settings(std::move(given)) {}

  void start() {
    Producer::Events events;
    events.on_undeliverable = [this](std::uint64_t tag, const BusError& error) {
      later([tag, error](Impl& self) {
        if (self.listener) self.listener->on_undeliverable(tag, error);
      });
    };
    events.on_room = [this] {
      if (listener) listener->on_room();
    };
    events.on_all_brokers_down = [this] { later([](Impl& self) { self.probe(); }); };
    producer.emplace(io, clock, settings, std::move(events));
  }

  /// On the owner's next turn, if the bus is still there: from callbacks of librdkafka and from `calls`,
  /// whose thread must never hold the last reference (it would join itself).
  static void later(ports::Executor& owner, std::weak_ptr<Impl> weak, std::function<void(Impl&)> what) {
    owner.post([weak = std::move(weak), what = std::move(what)] {
      if (const auto self = weak.lock(); self && !self->closed) what(*self);
    });
  }
  void later(std::function<void(Impl&)> what) { later(owner, weak_from_this(), std::move(what)); }

  void ask(InboxKind kind, Millis timeout, std::function<void(Impl&, TopicAnswer)> then) {
    calls.run([&thread = owner, weak = weak_from_this(), to = producer->client(), kind, timeout,
               then = std::move(then)] {
      later(thread, weak, [answer = ask_topic(*to, kind, timeout), then](Impl& impl) { then(impl, answer); });
    });
  }

  void check_topics(Done<void> done) {
    calls.run([&thread = owner, weak = weak_from_this(), done = std::move(done), given = settings] {
      later(thread, weak, [done, checked = check_limits(given)](Impl&) { done(checked); });
    });
  }

  /// One question at a time; the next one follows after probe_interval.
  void probe() {
    if (closed || std::exchange(probing, true)) return;
    clock.cancel(timer.value_or(0));
    timer.reset();
    ask(InboxKind::Requests, settings.probe_timeout, [](Impl& self, const TopicAnswer& answer) {
      self.probing = false;
      self.judge(answer.error.empty());
      self.timer = self.clock.after(self.settings.probe_interval, [impl = &self] { impl->probe(); });
    });
  }

  void judge(bool answered) {
    if (reachable == answered) return;
    reachable = answered;
    if (listener) listener->on_reachable(answered);
  }

  BusError unavailable(const TopicAnswer& answer) const {
    return {BusErrorCode::Unavailable,
            "Kafka at " + settings.brokers + ": " + answer.error +
                (answer.missing ? "\n  the topics were not made: 'baton admin topics' makes them"
                                : "\n  is it running, and is this its address?")};
  }

  boost::asio::io_context& io;
  ports::Executor& owner;
  ports::Clock& clock;
  const KafkaSettings settings;
  Listener* listener = nullptr;
  std::optional<Producer> producer;
  std::optional<Consumer> consumer;
  std::optional<ports::TimerId> timer;
  std::optional<bool> reachable;
  bool probing = false, closed = false;
  BlockingCalls calls;  // last: its thread ends before what its calls use
};

KafkaMessageBus::KafkaMessageBus(boost::asio::io_context& io, ports::Executor& owner, ports::Clock& clock,
                                 KafkaSettings settings)
    : impl_(std::make_shared<Impl>(io, owner, clock, std::move(settings))) {
  impl_->start();
}

KafkaMessageBus::~KafkaMessageBus() {
  close(Millis{0});
}

void KafkaMessageBus::open(Listener& listener) {
  impl_->listener = &listener;
  impl_->probe();
}

void KafkaMessageBus::check(Done<void> done) {
  const auto timeout = impl_->settings.request_timeout;
  impl_->ask(InboxKind::Requests, timeout,
             [done = std::move(done), timeout](Impl& self, const TopicAnswer& requests) {
               if (!requests.error.empty()) return done(Fail(self.unavailable(requests)));
               self.ask(InboxKind::Replies, timeout, [done](Impl& impl, const TopicAnswer& replies) {
                 if (!replies.error.empty()) return done(Fail(impl.unavailable(replies)));
                 impl.check_topics(done);
               });
             });
}

void KafkaMessageBus::partitions(InboxKind kind, Done<std::int32_t> done) {
  impl_->ask(kind, impl_->settings.request_timeout,
             [done = std::move(done)](Impl& self, const TopicAnswer& answer) {
               if (!answer.error.empty()) return done(Fail(self.unavailable(answer)));
               done(answer.partitions);
             });
}

void KafkaMessageBus::open_inbox(InboxKind kind, std::int32_t partition, Done<InboxAddress> done) {
  Consumer::Events events;
  events.on_message = [impl = impl_.get()](std::string_view bytes) {
    if (impl->listener) impl->listener->on_message(bytes);
  };
  events.on_drained = [impl = impl_.get()] {
    if (impl->listener) impl->listener->on_drained();
  };
  impl_->consumer.emplace(impl_->io, impl_->owner, impl_->clock, impl_->calls, impl_->settings,
                          std::move(events));
  impl_->consumer->start(kind, partition, std::move(done));
}

Result<void, BusError> KafkaMessageBus::send(const InboxAddress& to, std::string bytes, std::uint64_t tag) {
  if (impl_->closed) return Fail(BusError{BusErrorCode::Unavailable, "the bus is closed"});
  return impl_->producer->send(to.kind, to.partition, bytes, tag);
}

void KafkaMessageBus::catch_up(Done<void> done) {
  BATON_ASSERT(impl_->consumer.has_value());
  impl_->consumer->catch_up(std::move(done));
}

void KafkaMessageBus::close(Millis deadline) {
  if (std::exchange(impl_->closed, true)) return;
  impl_->listener = nullptr;
  impl_->clock.cancel(impl_->timer.value_or(0));
  impl_->consumer.reset();
  if (deadline.count() > 0) impl_->producer->flush(deadline);
  impl_->producer.reset();
}

}  // namespace baton::kafka
