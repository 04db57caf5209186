#include "conductor/api/event_stream.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include "conductor/api/sse_text.h"

namespace baton::api {
namespace {

namespace asio = boost::asio;

/// Ended by closing, so that it needs no chunks; proxies are asked not to hold it back.
constexpr const char* kHead =
    "HTTP/1.1 200 OK\r\n"
    "Content-Type: text/event-stream\r\n"
    "Cache-Control: no-store\r\n"
    "X-Accel-Buffering: no\r\n"
    "Connection: close\r\n\r\n";

}  // namespace

EventStream::EventStream(boost::beast::tcp_stream socket, std::shared_ptr<HistoryFollower> follower,
                         bool of_one_job, std::function<void()> on_end)
    : socket_(std::move(socket)),
      follower_(std::move(follower)),
      of_one_job_(of_one_job),
      on_end_(std::move(on_end)) {}

EventStream::~EventStream() {
  close();
  on_end_();
}

void EventStream::start(Millis write_timeout) {
  write_timeout_ = write_timeout;
  watch_client();
  write(std::string(kHead) + "retry: 1000\n\n", false);
}

void EventStream::close() {
  if (std::exchange(closed_, true)) return;
  follower_->stop();
  socket_.close();
}

/// A client says nothing more; the read ends when it goes.
void EventStream::watch_client() {
  socket_.expires_never();
  socket_.async_read_some(asio::buffer(ignored_), [self = shared_from_this()](auto error, std::size_t) {
    if (self->closed_) return;
    if (error) return self->close();
    self->watch_client();
  });
}

void EventStream::write(std::string bytes, bool last) {
  out_ = std::move(bytes);
  socket_.expires_after(write_timeout_);
  asio::async_write(socket_, asio::buffer(out_), [self = shared_from_this(), last](auto error, std::size_t) {
    if (self->closed_) return;
    if (error || last) return self->close();
    self->follower_->next([self](HistoryFollower::Batch batch) { self->on_batch(std::move(batch)); });
  });
}

void EventStream::on_batch(HistoryFollower::Batch batch) {
  std::string bytes;
  for (const auto& event : batch.rows) bytes += to_sse(event);
  // A final state with rows behind it was an earlier run's.
  const bool last = of_one_job_ && !batch.rows.empty() && ends_job(batch.rows.back().row);
  if (last) bytes += sse_end("the job has ended: " + batch.rows.back().row.state);
  if (bytes.empty()) bytes = sse_comment(batch.trouble.empty() ? "still here" : batch.trouble);
  write(std::move(bytes), last);
}

}  // namespace baton::api
