#include "doctor/round.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include "doctor/words.h"

namespace baton::doctor {

using Steady = std::chrono::steady_clock;

struct Round::Answer {
  std::size_t number;  // of the question
  Record record;
  std::string trouble;  // instead of a record
};

/// What the threads have brought. They hold it too: whoever comes late finds it.
struct Round::Answers {
  std::mutex mutex;
  std::condition_variable came;
  std::vector<Answer> ready;
};

struct Round::Waiting {
  std::size_t number;
  std::string what;
  std::function<void(const std::string& why)> if_missed;
  Steady::time_point end;
};

Round::Round(Millis deadline) : deadline_(deadline), answers_(std::make_shared<Answers>()) {}

Round::~Round() = default;

void Round::add(Ask ask) {
  const std::size_t number = asked_++;
  waiting_.push_back({number, std::move(ask.what), std::move(ask.if_missed), Steady::now() + deadline_});
  std::thread([number, question = std::move(ask.ask), answers = answers_] {
    Answer one{number, {}, {}};
    try {
      one.record = question();
    } catch (const std::exception& odd) {  // what others send must not end the command
      one.trouble = std::string("its answer cannot be used: ") + odd.what();
    }
    const std::lock_guard lock(answers->mutex);
    answers->ready.push_back(std::move(one));
    answers->came.notify_one();
  }).detach();
}

void Round::run(const std::function<void(const Progress&)>& show) {
  show(progress());
  while (!waiting_.empty()) {
    const auto next = std::min_element(waiting_.begin(), waiting_.end(),
                                       [](const auto& a, const auto& b) { return a.end < b.end; });
    std::vector<Answer> ready;
    {
      std::unique_lock lock(answers_->mutex);
      answers_->came.wait_until(lock, next->end, [&] { return !answers_->ready.empty(); });
      ready = std::exchange(answers_->ready, {});
    }
    for (const auto& one : ready) take(one);
    give_up_late();
    show(progress());
  }
}

void Round::take(const Answer& one) {
  const auto asked = std::find_if(waiting_.begin(), waiting_.end(),
                                  [&](const auto& waiting) { return waiting.number == one.number; });
  if (asked == waiting_.end()) return;  // given up
  const auto if_missed = std::move(asked->if_missed);
  waiting_.erase(asked);
  one.trouble.empty() ? one.record() : if_missed(one.trouble);
}

void Round::give_up_late() {
  const auto now = Steady::now();
  for (std::size_t i = 0; i < waiting_.size();) {
    if (waiting_[i].end > now) {
      ++i;
      continue;
    }
    const auto if_missed = std::move(waiting_[i].if_missed);
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
    ++late_;
    if_missed("no answer in " + lasting(deadline_));
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
