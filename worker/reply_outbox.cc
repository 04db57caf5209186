#include "worker/reply_outbox.h"

#include <utility>

namespace baton::worker {

ReplyOutbox::ReplyOutbox(ports::MessageBus& bus, ports::Executor& executor, Incarnation self,
                         Undeliverable undeliverable, std::function<void()> emptied)
    : bus_(bus),
      executor_(executor),
      self_(self),
      undeliverable_(std::move(undeliverable)),
      emptied_(std::move(emptied)) {}

void ReplyOutbox::add(const ReplyTo& to, wire::Answer answer) {
  const auto there = waiting_.find(to);
  const bool repeated = there != waiting_.end() && there->second.has(answer.delivery);
  if (!repeated && !has_room(answer)) return;
  WaitingAnswers& answers = repeated ? there->second : waiting_[to];
  waiting_bytes_ -= answers.bytes();
  waiting_count_ += repeated ? 0 : 1;
  answers.put(std::move(answer));
  waiting_bytes_ += answers.bytes();
  flush_soon();
}

bool ReplyOutbox::has_room(const wire::Answer& answer) const {
  const bool word = std::holds_alternative<wire::NotRun>(answer.what);
  return waiting_count_ < (word ? kWordsWaitingMax : kOutcomesWaitingMax) &&
         waiting_bytes_ < kBytesWaitingMax;
}

/// Posted behind what already waits in the loop, so that tasks which ended meanwhile share the message.
void ReplyOutbox::flush_soon() {
  if (std::exchange(flush_posted_, true)) return;
  executor_.post([this, alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    flush_posted_ = false;
    flush();
  });
}

void ReplyOutbox::flush() {
  while (!alone_.empty()) {
    const ReplyTo to = alone_.back().first;
    std::vector<wire::Answer> one{alone_.back().second};
    if (!send_batch(to, one)) return;
    alone_.pop_back();
  }
  while (!waiting_.empty()) {
    const ReplyTo to = waiting_.begin()->first;
    auto batch = take(waiting_.begin()->second);
    if (!send_batch(to, batch)) return put_back(to, std::move(batch));  // full: on_room() goes on here
    if (waiting_.at(to).empty()) waiting_.erase(to);
  }
  emptied_();
}

/// Out of the queue before it is sent: what is said instead of an answer that is refused then waits by
/// itself.
std::vector<wire::Answer> ReplyOutbox::take(WaitingAnswers& answers) {
  waiting_bytes_ -= answers.bytes();
  auto batch = answers.take_head(kBatchBytesMax);
  waiting_bytes_ += answers.bytes();
  waiting_count_ -= batch.size();
  return batch;
}

void ReplyOutbox::put_back(const ReplyTo& to, std::vector<wire::Answer> batch) {
  WaitingAnswers& answers = waiting_.at(to);
  waiting_count_ += batch.size();
  waiting_bytes_ -= answers.bytes();
  answers.put_head(std::move(batch));
  waiting_bytes_ += answers.bytes();
}

/// False: the bus is full, nothing was sent and the answers are still there.
bool ReplyOutbox::send_batch(const ReplyTo& to, std::vector<wire::Answer>& answers) {
  const std::uint64_t tag = ++last_tag_;
  const wire::Message message{to.conductor, self_, inbox_, wire::Answers{answers}};
  const auto sent = bus_.send({ports::InboxKind::Replies, to.partition, 0}, wire::encode(message), tag);
  if (!sent.ok() && sent.error().code == ports::BusErrorCode::Full) return false;
  Batch batch{tag, to, std::move(answers), 0};
  if (sent.ok())
    remember(std::move(batch));
  else
    refused(std::move(batch), sent.error());
  return true;
}

void ReplyOutbox::remember(Batch batch) {
  for (const auto& answer : batch.answers) batch.bytes += roughly_bytes(answer);
  sent_bytes_ += batch.bytes;
  sent_.push_back(std::move(batch));
  for (; sent_.size() > kBatchesKnownMax || sent_bytes_ > kBytesKnownMax; sent_.pop_front())
    sent_bytes_ -= sent_.front().bytes;
}

bool ReplyOutbox::send_report(const ReplyTo& to, wire::Report report) {
  const wire::Message message{to.conductor, self_, inbox_, std::move(report)};
  return bus_.send({ports::InboxKind::Replies, to.partition, 0}, wire::encode(message), 0).ok();
}

void ReplyOutbox::on_undeliverable(std::uint64_t tag, const ports::BusError& error) {
  for (auto batch = sent_.begin(); batch != sent_.end(); ++batch)
    if (batch->tag == tag) {
      Batch found = std::move(*batch);
      sent_.erase(batch);
      sent_bytes_ -= found.bytes;
      refused(std::move(found), error);
      return;
    }
}

/// Too large together may fit alone. Anything else that is permanent (no right to write) is left to the
/// repetition: somebody may mend it.
void ReplyOutbox::refused(Batch batch, const ports::BusError& error) {
  if (error.code != ports::BusErrorCode::TooLarge) return;
  if (batch.answers.size() == 1) return undeliverable_(batch.answers.front().delivery, error.message);
  for (auto& answer : batch.answers) alone_.emplace_back(batch.to, std::move(answer));
  flush_soon();
}

}  // namespace baton::worker
