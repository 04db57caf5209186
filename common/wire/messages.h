#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/model/failure.h"
#include "common/model/ids.h"
#include "common/model/time.h"

/// What conductors and workers say to each other, as plain data; protobuf stays behind encode and decode.
namespace baton::wire {

inline constexpr std::uint32_t kVersion = 1;

/// Identity of one delivery. key(): the idempotency key.
struct DeliveryId {
  FlowId flow;
  std::string atom;
  Intention intention = Intention::Execute;  // Execute or Revert
  Attempt attempt = 0;
  Dispatch dispatch = 0;
  auto operator<=>(const DeliveryId&) const = default;
  RequestKey key() const { return {flow, atom, intention, attempt}; }
};

// ---- conductor -> worker
struct Request {
  DeliveryId delivery;
  std::string task_type;
  Value arguments;
  Value result;
  std::optional<Failure> failure;
  RareList<std::pair<std::string, Failure>> flow_failures;
  std::optional<Millis> start_to_close;
  std::string job;
};
struct Requests {
  std::vector<Request> requests;
};
struct Cancel {
  DeliveryId delivery;
  std::string why;
};
struct Probe {
  DeliveryId delivery;
};
struct Recorded {
  std::vector<DeliveryId> deliveries;
};

// ---- worker -> conductor
enum class NoOutcome : std::uint8_t {
  Busy,
  Refused,
  Unsupported,
  NotStarted,
  Closed
};  // see proto/baton.proto
struct NotRun {
  NoOutcome kind = NoOutcome::Busy;
  std::string why;
};
struct Answer {
  DeliveryId delivery;
  std::variant<Value, Failure, NotRun> what;
  Micros ran_for{0};
};
struct Answers {
  std::vector<Answer> answers;
};
struct Holding {
  DeliveryId delivery;
  bool started = false;
  Millis running_for{0};
  double progress = 0;
  std::string progress_note;
};
struct Report {
  std::vector<Holding> holdings;
  std::uint64_t sequence = 0;
  bool draining = false;
  std::uint32_t free_slots = 0;
};

// ---- conductor -> its own inbox
struct Echo {};

using Body = std::variant<Requests, Cancel, Probe, Recorded, Answers, Report, Echo>;

struct Message {
  Incarnation to, from;
  std::int32_t reply_partition = 0;
  Body body;
};

/// Why bytes could not be read. Where the envelope was readable, `from`, `to` and `reply_partition` say whom
/// to tell `unsupported`; garbage has only the text. Values inside are checked at the border (Value::parse).
struct Unreadable {
  std::string message;
  bool unsupported = false;  // a newer version or an unknown kind
  Incarnation to, from;
  std::int32_t reply_partition = 0;
};

std::string encode(const Message&);
Result<Message, Unreadable> decode(std::string_view bytes);
/// Only whom it is for, without reading the body: a shared inbox skips cheaply. Nil: unreadable.
Incarnation addressee(std::string_view bytes);

}  // namespace baton::wire
