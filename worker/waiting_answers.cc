#include "worker/waiting_answers.h"

#include <utility>

namespace baton::worker {
namespace {

constexpr std::size_t kOverheadBytes = 200;  // what an answer costs beside its texts

}  // namespace

std::size_t roughly_bytes(const wire::Answer& answer) {
  std::size_t bytes = kOverheadBytes + answer.delivery.atom.size();
  if (const auto* value = std::get_if<Value>(&answer.what)) bytes += value->json().size();
  if (const auto* failure = std::get_if<Failure>(&answer.what))
    bytes += failure->type.size() + failure->message.size() + failure->details.json().size();
  if (const auto* word = std::get_if<wire::NotRun>(&answer.what)) bytes += word->why.size();
  return bytes;
}

void WaitingAnswers::put(wire::Answer answer) {
  bytes_ += roughly_bytes(answer);
  const auto [at, is_new] = places_.try_emplace(answer.delivery, first_ + answers_.size());
  if (is_new) return void(answers_.push_back(std::move(answer)));
  wire::Answer& waiting = answers_[static_cast<std::size_t>(at->second - first_)];
  bytes_ -= roughly_bytes(waiting);
  waiting = std::move(answer);
}

std::vector<wire::Answer> WaitingAnswers::take_head(std::size_t bytes_max) {
  std::vector<wire::Answer> head;
  for (std::size_t taken = 0; !answers_.empty() && taken < bytes_max; ++first_) {
    const std::size_t bytes = roughly_bytes(answers_.front());
    taken += bytes;
    bytes_ -= bytes;
    places_.erase(answers_.front().delivery);
    head.push_back(std::move(answers_.front()));
    answers_.pop_front();
  }
  return head;
}

void WaitingAnswers::put_head(std::vector<wire::Answer> head) {
  for (auto answer = head.rbegin(); answer != head.rend(); ++answer) {
    bytes_ += roughly_bytes(*answer);
    places_.emplace(answer->delivery, --first_);
    answers_.push_front(std::move(*answer));
  }
}

}  // namespace baton::worker
