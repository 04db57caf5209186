#include "common/failpoints/failing_bus.h"

namespace baton::failpoints {

void FailingBus::open(ports::MessageBus::Listener& listener) {
  listener_ = &listener;
  bus_.open(*this);
}

Result<void, ports::BusError> FailingBus::send(const ports::InboxAddress& to, std::string bytes,
                                               std::uint64_t tag) {
  failpoint_.pass(Moment::Send);
  auto queued = bus_.send(to, std::move(bytes), tag);
  failpoint_.pass(Moment::Sent);
  return queued;
}

void FailingBus::on_message(std::string_view bytes) {
  failpoint_.pass(Moment::Receive);
  listener_->on_message(bytes);
  failpoint_.pass(Moment::Received);
}

}  // namespace baton::failpoints
