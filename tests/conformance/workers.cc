#include "tests/conformance/workers.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

namespace baton::conformance {
namespace {

class SerialWorkers : public Workers {
 public:
  explicit SerialWorkers(std::uint64_t seed) : random_(seed) {}

  void begin(Call call) override { calls_.push_back(std::move(call)); }

  std::vector<engine::Event> await() override {
    std::shuffle(calls_.begin(), calls_.end(), random_);
    std::stable_sort(calls_.begin(), calls_.end(),
                     [](const Call& a, const Call& b) { return a.slow_seconds < b.slow_seconds; });
    const auto slower = std::find_if(calls_.begin(), calls_.end(), [&](const Call& call) {
      return call.slow_seconds > calls_.front().slow_seconds;
    });
    const bool one_by_one = random_() % 3 != 0;
    const auto end = one_by_one ? calls_.begin() + 1 : slower;
    std::vector<engine::Event> answers;
    for (auto call = calls_.begin(); call != end; ++call) answers.emplace_back(std::move(call->answer));
    calls_.erase(calls_.begin(), end);
    return answers;
  }

  void forget() override { calls_.clear(); }
  std::size_t out() const override { return calls_.size(); }
  std::size_t threads() const override { return 1; }

 private:
  std::mt19937_64 random_;
  std::vector<Call> calls_;
};

class ThreadWorkers : public Workers {
 public:
  explicit ThreadWorkers(std::uint64_t seed) : random_(seed) {}
  ~ThreadWorkers() override { forget(); }

  void begin(Call call) override {
    const auto pause = call.slow_seconds > 0
                           ? std::chrono::microseconds(static_cast<std::int64_t>(call.slow_seconds * 1e6))
                           : std::chrono::microseconds(random_() % 300);
    ++out_;
    threads_.emplace_back([this, pause, answer = std::move(call.answer)]() mutable {
      std::this_thread::sleep_for(pause);
      const std::lock_guard lock(mutex_);
      answers_.emplace_back(std::move(answer));
      answered_.notify_one();
    });
    threads_max_ = std::max(threads_max_, threads_.size());
  }

  std::vector<engine::Event> await() override {
    std::vector<engine::Event> answers;
    {
      std::unique_lock lock(mutex_);
      answered_.wait(lock, [this] { return !answers_.empty(); });
      answers.swap(answers_);
    }
    out_ -= answers.size();
    if (out_ == 0) join();
    return answers;
  }

  void forget() override {
    join();
    answers_.clear();
    out_ = 0;
  }

  std::size_t out() const override { return out_; }
  std::size_t threads() const override { return threads_max_; }

 private:
  void join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  std::mt19937_64 random_;
  std::size_t out_ = 0, threads_max_ = 0;  // owner's thread only
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable answered_;
  std::vector<engine::Event> answers_;  // guarded by mutex_
};

}  // namespace

std::unique_ptr<Workers> serial_workers(std::uint64_t seed) {
  return std::make_unique<SerialWorkers>(seed);
}

std::unique_ptr<Workers> thread_workers(std::uint64_t seed) {
  return std::make_unique<ThreadWorkers>(seed);
}

}  // namespace baton::conformance
