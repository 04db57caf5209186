#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace baton::kafka {

/// One thread for librdkafka's calls that block (metadata, offsets, stopping a partition). Each call posts
/// its result to the owner itself. Life: the destructor lets the call under way end (bounded by
/// request_timeout) and drops the rest.
class BlockingCalls {
 public:
  BlockingCalls();
  ~BlockingCalls();
  BlockingCalls(const BlockingCalls&) = delete;
  BlockingCalls& operator=(const BlockingCalls&) = delete;

  void run(std::function<void()> call);  // from any thread; in order

 private:
  void loop();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> calls_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace baton::kafka
