#include "common/kafka/producer.h"

#include <array>
#include <mutex>
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
constexpr Millis kAgainAfter{
    100};  // a repeated message waits so long; also how often a full queue is looked at

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

struct Producer::Impl : std::enable_shared_from_this<Producer::Impl> {
  struct Waiting {  // to be produced again
    InboxKind kind;
    std::int32_t partition;
    std::string bytes;
    std::uint64_t tag;
  };

  Impl(boost::asio::io_context& loop, ports::Clock& timers, const KafkaSettings& given, Events told)
      : io(loop), clock(timers), settings(given), events(std::move(told)) {
    open();
  }

  void open() {
    rd_kafka_conf_t* config =
        client_config(settings,
                      {{"enable.idempotence", "true"},
                       {"acks", "all"},
                       {"linger.ms", "0"},
                       {"message.timeout.ms", "0"},
                       {"delivery.report.only.error", "true"},
                       {"queue.buffering.max.messages", std::to_string(settings.queued_messages_max)},
                       {"queue.buffering.max.kbytes", std::to_string(settings.queued_bytes_max / kKiB)}},
                      target);
    rd_kafka_conf_set_error_cb(config, on_error);
    rd_kafka_conf_set_dr_msg_cb(config, on_report);
    const std::lock_guard lock(handle_mutex);
    handle = make_handle(RD_KAFKA_PRODUCER, config);
    for (const auto kind : {InboxKind::Requests, InboxKind::Replies})
      topic(kind).reset(rd_kafka_topic_new(handle.get(), topic_name(settings, kind).c_str(), nullptr));
    main_queue.reset(rd_kafka_queue_get_main(handle.get()));
    ready = std::make_unique<QueueEvents>(io, main_queue.get(), [this] { serve(); });
  }

  Topic& topic(InboxKind kind) { return topics[kind == InboxKind::Requests ? 0 : 1]; }

  static void on_error(rd_kafka_t*, int code, const char*, void* opaque) {
    auto& impl = *static_cast<Impl*>(static_cast<CallbackTarget*>(opaque)->self);
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) impl.events.on_all_brokers_down();
    if (code == RD_KAFKA_RESP_ERR__FATAL) impl.fatal = true;
  }

  static void on_report(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    if (message->err) static_cast<Impl*>(static_cast<CallbackTarget*>(opaque)->self)->undelivered(*message);
  }

  void undelivered(const rd_kafka_message_t& message) {
    const auto kind =
        message.rkt == topic(InboxKind::Requests).get() ? InboxKind::Requests : InboxKind::Replies;
    if (may_pass(message.err)) {
      again.push_back({kind,
                       message.partition,
                       {static_cast<const char*>(message.payload), message.len},
                       tag_of(message._private)});
      set_timer();
      return;
    }
    const auto code =
        message.err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE ? BusErrorCode::TooLarge : BusErrorCode::Refused;
    settings.on_notice("a message was refused", rd_kafka_err2str(message.err));
    if (const auto tag = tag_of(message._private))
      events.on_undeliverable(tag, {code, rd_kafka_err2str(message.err)});
  }

  void serve() {
    while (rd_kafka_poll(handle.get(), 0) > 0) {
    }
    if (fatal) reopen();
    if (full) set_timer();
  }

  void reopen() {
    settings.on_notice("the producer had a fatal error",
                       "a new one takes over and sends again what was not taken");
    rd_kafka_purge(handle.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    while (rd_kafka_poll(handle.get(), 0) > 0) {  // reports of what was purged: into `again`
    }
    fatal = false;
    ready.reset();
    main_queue.reset();
    for (auto& each : topics) each.reset();
    open();
  }

  rd_kafka_resp_err_t produce(InboxKind kind, std::int32_t partition, std::string_view bytes,
                              std::uint64_t tag) {
    if (rd_kafka_produce(topic(kind).get(), partition, RD_KAFKA_MSG_F_COPY, const_cast<char*>(bytes.data()),
                         bytes.size(), nullptr, 0, opaque_of(tag)) == 0)
      return RD_KAFKA_RESP_ERR_NO_ERROR;
    return rd_kafka_last_error();
  }

  void set_timer() {
    if (!timer) timer = clock.after(kAgainAfter, [this] { on_timer(); });
  }

  void on_timer() {
    timer.reset();
    auto waiting = std::exchange(again, {});
    for (auto& message : waiting)
      if (produce(message.kind, message.partition, message.bytes, message.tag))
        again.push_back(std::move(message));
    serve();
    const bool room =
        static_cast<std::size_t>(rd_kafka_outq_len(handle.get())) < settings.queued_messages_max / 2;
    if (full && room && again.empty()) {
      full = false;
      events.on_room();
    }
    if (full || !again.empty()) set_timer();
  }

  boost::asio::io_context& io;
  ports::Clock& clock;
  const KafkaSettings settings;
  Events events;
  std::mutex handle_mutex;  // the handle is replaced on the owner's thread and used by ask_topic on another
  CallbackTarget target{settings.on_notice, this};
  Handle handle;
  std::array<Topic, 2> topics;
  Queue main_queue;
  std::unique_ptr<QueueEvents> ready;
  std::vector<Waiting> again;
  std::optional<ports::TimerId> timer;
  bool full = false, fatal = false;
};

Producer::Producer(boost::asio::io_context& io, ports::Clock& clock, const KafkaSettings& settings,
                   Events events)
    : impl_(std::make_shared<Impl>(io, clock, settings, std::move(events))) {}

Producer::~Producer() {
  impl_->clock.cancel(impl_->timer.value_or(0));  // the rest may end on the thread that asks for metadata
  const std::lock_guard lock(impl_->handle_mutex);
  impl_->ready.reset();
  impl_->main_queue.reset();
  for (auto& topic : impl_->topics) topic.reset();
  impl_->handle.reset();
}

Result<void, BusError> Producer::send(InboxKind kind, std::int32_t partition, std::string_view bytes,
                                      std::uint64_t tag) {
  if (bytes.size() + kBatchOverhead > kMessageBytesMax)
    return Fail(BusError{BusErrorCode::TooLarge, "the message has " + std::to_string(bytes.size()) +
                                                     " bytes, the limit is " +
                                                     std::to_string(kMessageBytesMax - kBatchOverhead)});
  const auto error = impl_->produce(kind, partition, bytes, tag);
  if (!error) return {};
  if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
    impl_->full = true;
    impl_->set_timer();
    return Fail(BusError{BusErrorCode::Full, "the send queue is at its bound"});
  }
  if (!may_pass(error)) return Fail(BusError{BusErrorCode::Refused, rd_kafka_err2str(error)});
  impl_->again.push_back({kind, partition, std::string(bytes), tag});
  impl_->fatal = impl_->fatal || error == RD_KAFKA_RESP_ERR__FATAL;
  impl_->set_timer();
  return {};
}

void Producer::flush(Millis deadline) {
  rd_kafka_flush(impl_->handle.get(), static_cast<int>(deadline.count()));
}

TopicAnswer ask_topic(Producer::Impl& impl, InboxKind kind, Millis timeout) {
  const std::lock_guard lock(impl.handle_mutex);
  if (!impl.handle) return {"closed", 0};
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto error = rd_kafka_metadata(impl.handle.get(), 0, impl.topic(kind).get(), &metadata,
                                       static_cast<int>(timeout.count()));
  if (error) return {rd_kafka_err2str(error), 0};
  TopicAnswer answer;
  const auto& topic = metadata->topics[0];
  if (topic.err) answer.error = topic_name(impl.settings, kind) + ": " + rd_kafka_err2str(topic.err);
  answer.partitions = topic.partition_cnt;
  rd_kafka_metadata_destroy(metadata);
  return answer;
}

}  // namespace baton::kafka
