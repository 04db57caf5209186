#include "worker/reply_outbox.h"

#include <utility>

namespace baton::worker {
namespace {

std::size_t roughly_bytes(const wire::Answer& answer) {
  if (const auto* value = std::get_if<Value>(&answer.what)) return 200 + value->json().size();
  if (const auto* failure = std::get_if<Failure>(&answer.what))
    return 200 + failure->message.size() + failure->details.json().size();
  return 400;
}

}  // namespace

ReplyOutbox::ReplyOutbox(ports::MessageBus& bus, ports::Executor& executor, Incarnation self,
                         Undeliverable undeliverable, std::function<void()> emptied)
    : bus_(bus),
      executor_(executor),
      self_(self),
      undeliverable_(std::move(undeliverable)),
      emptied_(std::move(emptied)) {}

void ReplyOutbox::add(const ReplyTo& to, wire::Answer answer) {
  if (waiting_count_ >= kWordsWaitingMax && std::holds_alternative<wire::NotRun>(answer.what)) return;
  waiting_[to].push_back(std::move(answer));
  ++waiting_count_;
  flush_soon();
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
    if (!send_batch(alone_.back().first, {alone_.back().second})) return;
    alone_.pop_back();
  }
  while (!waiting_.empty()) {
    const ReplyTo to = waiting_.begin()->first;
    auto& answers = waiting_.begin()->second;
    std::vector<wire::Answer> batch;
    for (std::size_t bytes = 0; batch.size() < answers.size() && bytes < kBatchBytesMax;) {
      batch.push_back(answers[batch.size()]);
      bytes += roughly_bytes(batch.back());
    }
    const std::size_t count = batch.size();
    if (!send_batch(to, std::move(batch))) return;  // full: on_room() goes on here
    answers.erase(answers.begin(), answers.begin() + static_cast<std::ptrdiff_t>(count));
    waiting_count_ -= count;
    if (answers.empty()) waiting_.erase(to);
  }
  emptied_();
}

/// False: the bus is full, nothing was sent.
bool ReplyOutbox::send_batch(const ReplyTo& to, std::vector<wire::Answer> answers) {
  Batch batch{++last_tag_, to, answers};
  const wire::Message message{to.conductor, self_, inbox_, wire::Answers{std::move(answers)}};
  const auto sent = bus_.send({ports::InboxKind::Replies, to.partition, 0}, wire::encode(message), batch.tag);
  if (!sent.ok() && sent.error().code == ports::BusErrorCode::Full) return false;
  if (!sent.ok()) {
    refused(std::move(batch), sent.error());
    return true;
  }
  sent_.push_back(std::move(batch));
  if (sent_.size() > kBatchesKnownMax) sent_.pop_front();
  return true;
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
