#include "common/kafka/queue_events.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "common/model/assert.h"

namespace baton::kafka {

struct QueueEvents::Waiter : std::enable_shared_from_this<Waiter> {
  Waiter(boost::asio::io_context& io, std::function<void()> ready)
      : descriptor(io, ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), on_ready(std::move(ready)) {}

  void wait() {
    descriptor.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                          [self = shared_from_this()](const boost::system::error_code& code) {
                            if (code || self->ended) return;
                            std::uint64_t count = 0;
                            [[maybe_unused]] const auto got =
                                ::read(self->descriptor.native_handle(), &count, sizeof count);
                            self->on_ready();
                            if (!self->ended) self->wait();
                          });
  }

  boost::asio::posix::stream_descriptor descriptor;
  std::function<void()> on_ready;
  bool ended = false;
};

QueueEvents::QueueEvents(boost::asio::io_context& io, rd_kafka_queue_t* queue, std::function<void()> on_ready)
    : queue_(queue), waiter_(std::make_shared<Waiter>(io, std::move(on_ready))) {
  static constexpr std::uint64_t kOne = 1;  // an eventfd takes 8 bytes
  const int fd = waiter_->descriptor.native_handle();
  BATON_ASSERT(fd >= 0);
  rd_kafka_queue_io_event_enable(queue_, fd, &kOne, sizeof kOne);
  waiter_->wait();
}

QueueEvents::~QueueEvents() {
  rd_kafka_queue_io_event_enable(queue_, -1, nullptr, 0);
  waiter_->ended = true;
  boost::system::error_code ignored;
  waiter_->descriptor.close(ignored);
}

}  // namespace baton::kafka
