#include "conductor/outbox.h"

#include <set>

namespace baton::conductor {
namespace {

/// About what the request adds to a message; arguments are most of it.
std::size_t size_of(const wire::Request& request) {
  std::size_t size = 128 + request.delivery.atom.size() + request.task_type.size() + request.job.size() +
                     request.arguments.json().size() + request.result.json().size();
  const auto failure_size = [](const Failure& failure) {
    return failure.type.size() + failure.message.size() + failure.details.json().size();
  };
  if (request.failure) size += failure_size(*request.failure);
  for (const auto& [atom, failure] : request.flow_failures) size += atom.size() + failure_size(failure);
  return size;
}

}  // namespace

Outbox::Outbox(ports::Executor& executor, ports::Clock& clock, ports::MessageBus& bus, const Bounds& bounds,
               Counters& counters)
    : executor_(executor), clock_(clock), bus_(bus), bounds_(bounds), counters_(counters) {}

void Outbox::identify(Incarnation self, std::int32_t reply_partition) {
  self_ = self;
  reply_partition_ = reply_partition;
}

void Outbox::workers(const std::vector<ports::Advert>& adverts) {
  std::set<Incarnation> listed;
  for (const auto& advert : adverts) {
    if (!advert.inbox) continue;
    listed.insert(advert.incarnation);
    lines_[advert.incarnation].address = *advert.inbox;
  }
  std::erase_if(lines_, [&](const auto& entry) { return !listed.contains(entry.first); });
}

Outbox::Line* Outbox::line(const Incarnation& worker) {
  const auto found = lines_.find(worker);
  return found == lines_.end() ? nullptr : &found->second;
}

std::optional<Outbox::Batch> Outbox::request(const Incarnation& worker, wire::Request request, bool alone) {
  Line* to = line(worker);
  if (!to) return std::nullopt;
  ++counters_.requests_sent;
  if (alone) {
    const Batch batch = ++last_batch_;
    wire::Requests one;
    one.requests.push_back(std::move(request));
    put(worker, *to, std::move(one), batch);
    ++counters_.request_messages;
    return batch;
  }
  const std::size_t bytes = size_of(request);
  if (!to->requests.empty() && to->bytes + bytes > bounds_.bytes_per_message) flush_requests(worker, *to);
  if (to->requests.empty()) {
    to->batch = ++last_batch_;
    to->bytes = 0;
    filled_.push_back(worker);
  }
  const Batch batch = to->batch;
  to->bytes += bytes;
  to->requests.push_back(std::move(request));
  if (to->requests.size() >= bounds_.requests_per_message) flush_requests(worker, *to);
  if (!posted_) {
    posted_ = true;
    executor_.post(alive_.guard([this] {
      posted_ = false;
      flush();
    }));
  }
  return batch;
}

void Outbox::flush() {
  std::vector<Incarnation> filled;
  filled.swap(filled_);
  for (const auto& worker : filled)
    if (Line* to = line(worker)) flush_requests(worker, *to);
}

void Outbox::clear() {
  filled_.clear();
  unsent_.clear();
  unsent_bytes_ = 0;
  for (auto& [worker, line] : lines_) {
    line.requests.clear();
    line.recorded.clear();
  }
}

void Outbox::flush_requests(const Incarnation& worker, Line& to) {
  if (to.requests.empty()) return;
  wire::Requests message;
  message.requests.swap(to.requests);
  put(worker, to, std::move(message), to.batch);
  ++counters_.request_messages;
}

void Outbox::cancel(const Incarnation& worker, wire::Cancel cancel) {
  if (const Line* to = line(worker)) put(worker, *to, std::move(cancel), ++last_batch_);
}

void Outbox::probe(const Incarnation& worker, wire::Probe probe) {
  if (const Line* to = line(worker)) put(worker, *to, std::move(probe), ++last_batch_);
}

void Outbox::recorded(const Incarnation& worker, wire::DeliveryId delivery) {
  Line* to = line(worker);
  if (!to) return;
  to->recorded.push_back(std::move(delivery));
  if (to->recorded.size() >= bounds_.recorded_batch) return flush_recorded(worker);
  if (std::exchange(to->recorded_timer, true)) return;
  clock_.after(bounds_.recorded_pause, alive_.guard([this, worker] {
    if (Line* later = line(worker)) later->recorded_timer = false;
    flush_recorded(worker);
  }));
}

void Outbox::flush_recorded(const Incarnation& worker) {
  Line* to = line(worker);
  if (!to || to->recorded.empty()) return;
  wire::Recorded message;
  message.deliveries.swap(to->recorded);
  // Lost ones are said again: the worker repeats an answer that was not recorded, and hears it then.
  if (!full_) put(worker, *to, std::move(message), ++last_batch_);
}

void Outbox::put(const Incarnation& to, const Line& line, wire::Body body, Batch batch) {
  Unsent message{line.address, wire::encode({to, self_, reply_partition_, std::move(body)}), batch};
  if (!full_ && offer(message)) return;
  full_ = true;
  if (!unsent_.empty() && unsent_bytes_ + message.bytes.size() > bounds_.unsent_bytes_max) return;
  unsent_bytes_ += message.bytes.size();
  unsent_.push_back(std::move(message));
}

bool Outbox::offer(const Unsent& message) {
  const auto sent = bus_.send(message.to, message.bytes, message.batch);
  if (sent.ok()) return true;
  switch (sent.error().code) {
    case ports::BusErrorCode::Full:
    case ports::BusErrorCode::Unavailable:
      return false;
    case ports::BusErrorCode::TooLarge:
    case ports::BusErrorCode::Refused: {
      // Not inline: who asked for the send does not know its batch yet.
      executor_.post(alive_.guard([this, batch = message.batch, error = sent.error()] {
        if (refused_) refused_(batch, error);
      }));
      return true;
    }
  }
  BATON_ASSERT(false);
  return true;
}

void Outbox::on_room() {
  while (!unsent_.empty()) {
    if (!offer(unsent_.front())) return;
    unsent_bytes_ -= unsent_.front().bytes.size();
    unsent_.pop_front();
  }
  if (std::exchange(full_, false)) open_since_ = clock_.steady();
}

}  // namespace baton::conductor
