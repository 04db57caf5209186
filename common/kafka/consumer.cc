#include "common/kafka/consumer.h"

#include <array>
#include <utility>
#include <vector>

#include "common/kafka/client_config.h"
#include "common/kafka/queue_events.h"
#include "common/model/assert.h"

namespace baton::kafka {
namespace {

using ports::BusError;
using ports::BusErrorCode;
using ports::InboxAddress;
using ports::InboxKind;
using ports::MessageBus;

constexpr std::size_t kBatch = 256;  // messages taken from the library at once
constexpr Millis kAskAgainAfter{50};
constexpr std::size_t kBatchesPerTurn = 16;  // then other events of the loop get their turn

}  // namespace

struct Consumer::Impl : std::enable_shared_from_this<Consumer::Impl> {
  Impl(boost::asio::io_context& loop, ports::Executor& owner_thread, ports::Clock& timers,
       BlockingCalls& thread, const KafkaSettings& given, Events told)
      : io(loop),
        owner(owner_thread),
        clock(timers),
        calls(thread),
        settings(given),
        events(std::move(told)) {
    handle = make_handle(
        RD_KAFKA_CONSUMER,
        client_config(settings,
                      {{"auto.offset.reset", "error"},
                       {"enable.auto.commit", "false"},
                       {"fetch.error.backoff.ms", "20"},
                       {"fetch.message.max.bytes", std::to_string(kMessageBytesMax)},
                       {"fetch.max.bytes", std::to_string(settings.fetched_bytes_max)},
                       {"queued.max.messages.kbytes", std::to_string(settings.fetched_bytes_max / kKiB)}},
                      target));
    queue.reset(rd_kafka_queue_new(handle.get()));
    ready = std::make_unique<QueueEvents>(io, queue.get(), [this] { drain(); });
  }

  /// Runs a blocking call elsewhere and brings its result back, unless the consumer has gone meanwhile.
  template <class Call, class Then>
  void elsewhere(Call call, Then then) {
    calls.run([self = shared_from_this(), call = std::move(call), then = std::move(then)]() mutable {
      auto result = call(*self);
      self->owner.post([self, result = std::move(result), then = std::move(then)]() mutable {
        if (!self->closed) then(*self, std::move(result));
      });
    });
  }

  struct Offsets {
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
    std::int64_t low = 0, end = 0;
  };
  Offsets ask_offsets() const {
    Offsets at;
    at.error =
        rd_kafka_query_watermark_offsets(handle.get(), topic_name(settings, kind).c_str(), partition, &at.low,
                                         &at.end, static_cast<int>(settings.request_timeout.count()));
    return at;
  }
  BusError away(rd_kafka_resp_err_t error) const {
    return {BusErrorCode::Unavailable, topic_name(settings, kind) + "[" + std::to_string(partition) +
                                           "] at " + settings.brokers + ": " + rd_kafka_err2str(error)};
  }

  /// Asks until it is answered; `then` gets the last error behind the deadline.
  void with_offsets(Micros deadline, std::function<void(Impl&, const Offsets&)> then) {
    elsewhere([](Impl& self) { return self.ask_offsets(); },
              [deadline, then = std::move(then)](Impl& self, const Offsets& at) {
                if (!at.error || self.clock.steady() > deadline) return then(self, at);
                self.clock.after(kAskAgainAfter, [weak = self.weak_from_this(), deadline, then] {
                  if (const auto again = weak.lock(); again && !again->closed)
                    again->with_offsets(deadline, then);
                });
              });
  }
  Micros deadline() const { return clock.steady() + settings.request_timeout; }

  void start_at_end(MessageBus::Done<InboxAddress> done) {
    with_offsets(deadline(), [done = std::move(done)](Impl& self, const Offsets& at) {
      if (at.error) return done(Fail(self.away(at.error)));
      self.read_from(at.end);
      done(InboxAddress{self.kind, self.partition, at.end});
    });
  }

  void read_from(std::int64_t offset) {
    next = offset;
    const int code = rd_kafka_consume_start_queue(topic.get(), partition, offset, queue.get());
    BATON_ASSERT(code == 0);  // it refuses only a wrong partition number and one that is read already
  }

  void catch_up(MessageBus::Done<void> done) {
    with_offsets(deadline(), [done = std::move(done)](Impl& self, const Offsets& at) {
      if (at.error) return done(Fail(self.away(at.error)));
      if (at.low == at.end) return done({});  // the log is empty: next may never get to its end
      self.awaited.emplace_back(at.end, done);
      self.tell_caught_up();
    });
  }

  void drain() {
    const auto self = shared_from_this();  // what is told may destroy the consumer
    std::array<rd_kafka_message_t*, kBatch> batch{};
    bool any = false;
    for (std::size_t turn = 0; turn < kBatchesPerTurn && !closed; ++turn) {
      const auto count = rd_kafka_consume_batch_queue(queue.get(), 0, batch.data(), batch.size());
      if (count <= 0) break;
      any = true;
      for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
        take(*batch[i]);
        rd_kafka_message_destroy(batch[i]);
      }
      if (turn + 1 == kBatchesPerTurn)
        owner.post([self] {
          if (!self->closed) self->drain();
        });
    }
    if (any && !closed) events.on_drained();
    if (!closed) tell_caught_up();
  }

  void take(const rd_kafka_message_t& message) {
    switch (message.err) {
      case RD_KAFKA_RESP_ERR_NO_ERROR:
        next = message.offset + 1;
        if (!closed) events.on_message({static_cast<const char*>(message.payload), message.len});
        return;
      case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
      case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
        return from_earliest();
      case RD_KAFKA_RESP_ERR__PARTITION_EOF:
        return;
      default:
        settings.on_notice("an inbox met an error", rd_kafka_err2str(message.err));
    }
  }

  void from_earliest() {
    if (std::exchange(restarting, true)) return;
    settings.on_notice("an inbox lost its offset", "it is read from the earliest");
    elsewhere([](Impl& self) { return rd_kafka_consume_stop(self.topic.get(), self.partition); },
              [](Impl& self, int) { self.read_from_low(); });
  }
  void read_from_low() {
    with_offsets(deadline(), [](Impl& self, const Offsets& at) {
      if (at.error) return self.read_from_low();  // an inbox is never given up
      self.restarting = false;
      self.read_from(at.low);
      // Ends that were asked of the log before may never come in this one.
      for (auto& [end, done] : std::exchange(self.awaited, {})) self.catch_up(std::move(done));
    });
  }

  void tell_caught_up() {
    for (std::size_t i = 0; i < awaited.size();) {
      if (awaited[i].first > next) {
        ++i;
        continue;
      }
      auto done = std::move(awaited[i].second);
      awaited.erase(awaited.begin() + static_cast<std::ptrdiff_t>(i));
      done({});
    }
  }

  boost::asio::io_context& io;
  ports::Executor& owner;
  ports::Clock& clock;
  BlockingCalls& calls;
  const KafkaSettings settings;
  Events events;
  CallbackTarget target{settings.on_notice, this};
  Handle handle;
  Topic topic;
  Queue queue;
  std::unique_ptr<QueueEvents> ready;
  InboxKind kind = InboxKind::Requests;
  std::int32_t partition = 0;
  std::int64_t next = 0;
  std::vector<std::pair<std::int64_t, MessageBus::Done<void>>> awaited;
  bool closed = false, restarting = false;
};

Consumer::Consumer(boost::asio::io_context& io, ports::Executor& owner, ports::Clock& clock,
                   BlockingCalls& calls, const KafkaSettings& settings, Events events)
    : impl_(std::make_shared<Impl>(io, owner, clock, calls, settings, std::move(events))) {}

Consumer::~Consumer() {
  // The handle itself goes with the last call that is under way elsewhere; nothing is told any more.
  impl_->closed = true;
  impl_->ready.reset();
}

void Consumer::start(InboxKind kind, std::int32_t partition, MessageBus::Done<InboxAddress> done) {
  impl_->kind = kind;
  impl_->partition = partition;
  impl_->topic.reset(
      rd_kafka_topic_new(impl_->handle.get(), topic_name(impl_->settings, kind).c_str(), nullptr));
  impl_->start_at_end(std::move(done));
}

void Consumer::catch_up(MessageBus::Done<void> done) {
  impl_->catch_up(std::move(done));
}

}  // namespace baton::kafka
