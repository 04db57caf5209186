#pragma once

#include <array>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <functional>
#include <memory>
#include <string>

#include "conductor/api/exchange.h"
#include "conductor/api/history_follower.h"

namespace baton::api {

/// One client that reads server-sent events. Takes over the connection's socket and never gives it back: the
/// stream ends with the connection.
/// Bound: the next rows are read from the store when the last ones have been taken; a client that takes
/// nothing for stream_write_timeout is cut off (it resumes with Last-Event-ID). Life: kept alive by its own
/// operations until the client goes, the job ends, or close().
class EventStream : public std::enable_shared_from_this<EventStream> {
 public:
  EventStream(boost::beast::tcp_stream socket, std::shared_ptr<HistoryFollower>, bool of_one_job,
              std::function<void()> on_end);
  ~EventStream();

  void start(Millis write_timeout);
  void close();

 private:
  void watch_client();
  void write(std::string bytes, bool last);
  void on_batch(HistoryFollower::Batch);

  boost::beast::tcp_stream socket_;
  const std::shared_ptr<HistoryFollower> follower_;
  const bool of_one_job_;
  const std::function<void()> on_end_;
  Millis write_timeout_{0};
  std::string out_;
  std::array<char, 64> ignored_{};
  bool closed_ = false;
};

}  // namespace baton::api
