#include "doctor/round.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace baton::doctor {

using Steady = std::chrono::steady_clock;

/// What the threads have brought. They hold it too: whoever comes late finds it.
struct Round::Answers {
  std::mutex mutex;
  std::condition_variable came;
  std::vector<std::pair<std::size_t, Record>> ready;  // by the number of the question
};

struct Round::Waiting {
  std::size_t number;
  std::string what;
  Record if_late;
  Steady::time_point end;
};

Round::Round(Millis deadline) : deadline_(deadline), answers_(std::make_shared<Answers>()) {}

Round::~Round() = default;

void Round::add(Ask ask) {
  const std::size_t number = asked_++;
  waiting_.push_back({number, std::move(ask.what), std::move(ask.if_late), Steady::now() + deadline_});
  std::thread([number, question = std::move(ask.ask), answers = answers_] {
    Record record = question();
    const std::lock_guard lock(answers->mutex);
    answers->ready.emplace_back(number, std::move(record));
    answers->came.notify_one();
  }).detach();
}

void Round::run(const std::function<void(const Progress&)>& show) {
  show(progress());
  while (!waiting_.empty()) {
    const auto next = std::min_element(waiting_.begin(), waiting_.end(),
                                       [](const auto& a, const auto& b) { return a.end < b.end; });
    std::vector<std::pair<std::size_t, Record>> ready;
    {
      std::unique_lock lock(answers_->mutex);
      answers_->came.wait_until(lock, next->end, [&] { return !answers_->ready.empty(); });
      ready = std::exchange(answers_->ready, {});
    }
    for (const auto& [number, record] : ready) {
      const auto asked = std::find_if(waiting_.begin(), waiting_.end(),
                                      [&, n = number](const auto& one) { return one.number == n; });
      if (asked == waiting_.end()) continue;  // given up
      waiting_.erase(asked);
      record();
    }
    give_up_late();
    show(progress());
  }
}

void Round::give_up_late() {
  const auto now = Steady::now();
  for (std::size_t i = 0; i < waiting_.size();) {
    if (waiting_[i].end > now) {
      ++i;
      continue;
    }
    const Record if_late = std::move(waiting_[i].if_late);
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
    ++late_;
    if_late();
  }
}

Progress Round::progress() const {
  Progress now;
  now.asked = asked_;
  now.answered = asked_ - waiting_.size();
  for (const auto& one : waiting_) now.waiting_for.push_back(one.what);
  return now;
}

}  // namespace baton::doctor
