#include "tests/conformance/workers.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "tests/conformance/pace.h"

namespace baton::conformance {
namespace {

class SerialWorkers : public Workers {
 public:
  explicit SerialWorkers(std::uint64_t seed) : pace_(seed) {}

  void begin(Call call) override { calls_.emplace(pace_.begin(call.slow_seconds), std::move(call.answer)); }

  std::vector<engine::Event> await() override {
    std::vector<engine::Event> answers;
    for (const auto number : pace_.next()) answers.emplace_back(std::move(calls_.extract(number).mapped()));
    return answers;
  }

  void forget() override { pace_.forget(), calls_.clear(); }
  std::size_t out() const override { return pace_.out(); }
  std::size_t threads() const override { return 1; }

 private:
  Pace pace_;
  std::map<Pace::CallNumber, engine::AtomFinished> calls_;
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
