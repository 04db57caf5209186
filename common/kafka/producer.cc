#include "common/kafka/producer.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "common/kafka/client_config.h"
#include "common/kafka/queue_events.h"

namespace baton::kafka {
namespace {

using ports::BusError;
using ports::BusErrorCode;
using ports::InboxKind;

/// Bytes that the batch around a message costs; the rest of the limit is the message's.
constexpr std::size_t kBatchOverhead = 1024;
/// A repeated message waits so long; also how often a full queue is looked at.
constexpr Millis kAgainAfter{100};
/// Longer than it takes to make a topic anew or to elect a leader.
constexpr Micros kRepeatedFor = std::chrono::seconds(60);

void* opaque_of(std::uint64_t tag) {
  return reinterpret_cast<void*>(static_cast<std::uintptr_t>(tag));
}
std::uint64_t tag_of(const void* opaque) {
  return static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(opaque));
}

bool may_pass(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
      return false;
    default:
      return true;
  }
}

}  // namespace

struct Producer::Client {
  Client(const KafkaSettings& settings, void* self) : target{settings.on_notice, self} {}
  Topic& topic(InboxKind kind) { return topics[kind == InboxKind::Requests ? 0 : 1]; }

  CallbackTarget target;
  Handle handle;
  std::array<Topic, 2> topics;
};

struct Producer::Impl : std::enable_shared_from_this<Producer::Impl> {
  struct Waiting {  // to be produced again
    InboxKind kind;
    std::int32_t partition;
    std::string bytes;
    std::uint64_t tag;
    Micros until;
  };

  Impl(boost::asio::io_context& loop, ports::Clock& timers, const KafkaSettings& given, Events told)
      : io(loop), clock(timers), settings(given), events(std::move(told)) {
    open();
  }

  void open() {
    client = std::make_shared<Client>(settings, this);
    rd_kafka_conf_t* config =
        client_config(settings,
                      {{"enable.idempotence", "true"},
                       {"acks", "all"},
                       {"linger.ms", "0"},
                       {"message.timeout.ms", "0"},
                       {"delivery.report.only.error", "true"},
                       {"queue.buffering.max.messages", std::to_string(settings.queued_messages_max)},
                       {"queue.buffering.max.kbytes", std::to_string(settings.queued_bytes_max / kKiB)}},
                      client->target);
    rd_kafka_conf_set_error_cb(config, on_error);
    rd_kafka_conf_set_dr_msg_cb(config, on_report);
    client->handle = make_handle(RD_KAFKA_PRODUCER, config);
    for (const auto kind : {InboxKind::Requests, InboxKind::Replies})
      client->topic(kind).reset(rd_kafka_topic_new(handle(), topic_name(settings, kind).c_str(), nullptr));
    main_queue.reset(rd_kafka_queue_get_main(handle()));
    ready = std::make_unique<QueueEvents>(io, main_queue.get(), [this] { serve(); });
  }

  rd_kafka_t* handle() const { return client->handle.get(); }

  static void on_error(rd_kafka_t*, int code, const char*, void* opaque) {
    auto& impl = *static_cast<Impl*>(static_cast<CallbackTarget*>(opaque)->self);
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) impl.events.on_all_brokers_down();
    if (code == RD_KAFKA_RESP_ERR__FATAL) impl.fatal = true;
  }

  static void on_report(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    if (message->err) static_cast<Impl*>(static_cast<CallbackTarget*>(opaque)->self)->undelivered(*message);
  }

  void undelivered(const rd_kafka_message_t& message) {
    const bool request = message.rkt == client->topic(InboxKind::Requests).get();
    if (may_pass(message.err))
      return repeat({request ? InboxKind::Requests : InboxKind::Replies,
                     message.partition,
                     {static_cast<const char*>(message.payload), message.len},
                     tag_of(message._private),
                     clock.steady() + kRepeatedFor});
    const auto code =
        message.err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE ? BusErrorCode::TooLarge : BusErrorCode::Refused;
    settings.on_notice("a message was refused", rd_kafka_err2str(message.err));
    if (const auto tag = tag_of(message._private))
      events.on_undeliverable(tag, {code, rd_kafka_err2str(message.err)});
  }

  void repeat(Waiting message) {
    again_bytes += message.bytes.size();
    again.push_back(std::move(message));
    set_timer();
  }
  bool has_room_for(std::size_t bytes) const {
    return again.size() < settings.queued_messages_max &&
           (again.empty() || again_bytes + bytes <= settings.queued_bytes_max);
  }

  void serve() {
    while (rd_kafka_poll(handle(), 0) > 0) {
    }
    if (fatal) reopen();
    if (full) set_timer();
  }

  void reopen() {
    settings.on_notice("the producer had a fatal error",
                       "a new one takes over and sends again what was not taken");
    rd_kafka_purge(handle(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    while (rd_kafka_poll(handle(), 0) > 0) {  // reports of what was purged: into `again`
    }
    fatal = false;
    ready.reset();
    main_queue.reset();
    open();
  }

  rd_kafka_resp_err_t produce(InboxKind kind, std::int32_t partition, std::string_view bytes,
                              std::uint64_t tag) {
    if (rd_kafka_produce(client->topic(kind).get(), partition, RD_KAFKA_MSG_F_COPY,
                         const_cast<char*>(bytes.data()), bytes.size(), nullptr, 0, opaque_of(tag)) == 0)
      return RD_KAFKA_RESP_ERR_NO_ERROR;
    return rd_kafka_last_error();
  }

  void set_timer() {
    if (!timer)
      timer = clock.after(kAgainAfter, [self = weak_from_this()] {
        if (const auto impl = self.lock()) impl->on_timer();
      });
  }

  void on_timer() {
    timer.reset();
    send_again();
    serve();
    if (full || !again.empty()) set_timer();
    // Where the library's own bound of bytes was met the next send says Full again, and is told again.
    const auto queued = static_cast<std::size_t>(rd_kafka_outq_len(handle())) + again.size();
    if (!full || queued >= std::max<std::size_t>(settings.queued_messages_max / 2, 1)) return;
    if (again_bytes > settings.queued_bytes_max / 2) return;
    full = false;
    events.on_room();  // last: it may destroy the producer
  }

  void send_again() {
    const Micros now = clock.steady();
    std::size_t dropped = 0;
    again_bytes = 0;
    for (auto& message : std::exchange(again, {})) {
      if (message.until < now)
        ++dropped;
      else if (produce(message.kind, message.partition, message.bytes, message.tag))
        repeat(std::move(message));
    }
    if (dropped > 0)
      settings.on_notice("messages were dropped", std::to_string(dropped) + " that no partition took for " +
                                                      std::to_string(kRepeatedFor / std::chrono::seconds(1)) +
                                                      " s; does the topic still have as many partitions?");
  }

  boost::asio::io_context& io;
  ports::Clock& clock;
  const KafkaSettings settings;
  Events events;
  std::shared_ptr<Client> client;
  Queue main_queue;
  std::unique_ptr<QueueEvents> ready;
  std::vector<Waiting> again;
  std::size_t again_bytes = 0;
  std::optional<ports::TimerId> timer;
  bool full = false, fatal = false;
};

Producer::Producer(boost::asio::io_context& io, ports::Clock& clock, const KafkaSettings& settings,
                   Events events)
    : impl_(std::make_shared<Impl>(io, clock, settings, std::move(events))) {}

Producer::~Producer() {
  impl_->clock.cancel(impl_->timer.value_or(0));
  impl_->ready.reset();
}

std::shared_ptr<Producer::Client> Producer::client() const {
  return impl_->client;
}

void Producer::cause_fatal_error() {
  rd_kafka_test_fatal_error(impl_->handle(), RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "asked for");
}

Result<void, BusError> Producer::send(InboxKind kind, std::int32_t partition, std::string_view bytes,
                                      std::uint64_t tag) {
  if (bytes.size() + kBatchOverhead > kMessageBytesMax)
    return Fail(BusError{BusErrorCode::TooLarge, "the message has " + std::to_string(bytes.size()) +
                                                     " bytes, the limit is " +
                                                     std::to_string(kMessageBytesMax - kBatchOverhead)});
  // What waits to be sent again counts too, so that the bound holds also while no partition takes anything.
  const auto error = impl_->has_room_for(bytes.size()) ? impl_->produce(kind, partition, bytes, tag)
                                                       : RD_KAFKA_RESP_ERR__QUEUE_FULL;
  if (!error) return {};
  if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
    impl_->full = true;
    impl_->set_timer();
    return Fail(BusError{BusErrorCode::Full, "the send queue is at its bound"});
  }
  if (!may_pass(error)) return Fail(BusError{BusErrorCode::Refused, rd_kafka_err2str(error)});
  impl_->fatal = impl_->fatal || error == RD_KAFKA_RESP_ERR__FATAL;
  impl_->repeat({kind, partition, std::string(bytes), tag, impl_->clock.steady() + kRepeatedFor});
  return {};
}

void Producer::flush(Millis deadline) {
  rd_kafka_flush(impl_->handle(), static_cast<int>(deadline.count()));
}

TopicAnswer ask_topic(Producer::Client& client, InboxKind kind, Millis timeout) {
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto error = rd_kafka_metadata(client.handle.get(), 0, client.topic(kind).get(), &metadata,
                                       static_cast<int>(timeout.count()));
  if (error) return {rd_kafka_err2str(error), false, 0};
  TopicAnswer answer;
  const auto& topic = metadata->topics[0];
  if (topic.err) answer.error = std::string(topic.topic) + ": " + rd_kafka_err2str(topic.err);
  answer.missing = topic.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
  answer.partitions = topic.partition_cnt;
  rd_kafka_metadata_destroy(metadata);
  return answer;
}

}  // namespace baton::kafka
