#pragma once

#include <librdkafka/rdkafka.h>

#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace baton::kafka {

/// Calls `on_ready` on the owner's thread when a librdkafka queue went from empty to non-empty: an eventfd in
/// the owner's io_context, no thread of ours, no polling. Make it BEFORE anything can be put into the queue,
/// and drain the queue until it is empty at each call: the event comes once per change (hops.md, pitfall 1).
class QueueEvents {
 public:
  QueueEvents(boost::asio::io_context&, rd_kafka_queue_t*, std::function<void()> on_ready);
  ~QueueEvents();
  QueueEvents(const QueueEvents&) = delete;
  QueueEvents& operator=(const QueueEvents&) = delete;

 private:
  struct Waiter;
  rd_kafka_queue_t* queue_;
  std::shared_ptr<Waiter> waiter_;
};

}  // namespace baton::kafka
