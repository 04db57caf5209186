#pragma once

#include <compare>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>

#include "common/model/assert.h"
#include "common/ports/clock.h"
#include "common/wire/messages.h"
#include "worker/task_executor.h"

namespace baton::worker {

/// One atom of one flow: never two requests of it run at once.
struct AtomKey {
  FlowId flow;
  std::string atom;
  bool operator==(const AtomKey&) const = default;
};
inline AtomKey atom_of(const wire::DeliveryId& delivery) {
  return {delivery.flow, delivery.atom};
}

/// Whom to answer: the conductor that asked last, at its inbox.
struct ReplyTo {
  Incarnation conductor;
  std::int32_t partition = 0;
  auto operator<=>(const ReplyTo&) const = default;
};

/// A request and whom to answer.
struct Asked {
  wire::Request request;
  ReplyTo reply_to;
  std::uint64_t content_hash = 0;  // of what it is to do; an answer from memory needs it to be equal

  /// The same attempt of the same work: only the dispatch number may differ.
  bool same_work(const Asked& other) const {
    return request.delivery.key() == other.request.delivery.key() && content_hash == other.content_hash;
  }
};
std::uint64_t content_hash(const wire::Request&);

struct Queued {
  Asked asked;
  std::uint64_t order = 0;  // of arrival
};
struct Running {
  Asked asked;
  std::uint64_t order = 0;
  CallId call = 0;
  Dispatch shown = 0;  // the token that the task was given; a later dispatch may have been adopted since
  Micros started{0};
  bool cancelled = false;        // the conductor asked for it, or a newer request waits
  bool timed_out = false;        // start_to_close has passed
  ports::TimerId timeout = 0;    // 0: none
  std::optional<Queued> behind;  // a newer request of the atom; starts when this call has ended
  int handed_back = 0;           // such requests, so far
};
struct Answered {
  Asked asked;  // without its arguments
  wire::Answer answer;
  std::size_t bytes = 0;
  Micros since{0};
  Micros repeat_at{0};  // sent again if it is not recorded by then
  Millis pause{0};      // until the repetition after that
};

/// What is open of an atom. On the heap: most atoms that are known have nothing open.
class Open {
 public:
  template <class State>
  State* get_if() const {
    return state_ ? std::get_if<State>(state_.get()) : nullptr;
  }
  template <class State>
  State& get() const {
    auto* state = get_if<State>();
    BATON_ASSERT(state);
    return *state;
  }
  template <class State>
  bool is() const {
    return get_if<State>() != nullptr;
  }
  bool nothing() const { return !state_; }
  void clear() { state_.reset(); }
  /// The new state may be a part of the old one.
  template <class State>
  Open& operator=(State state) {
    state_ = std::make_unique<std::variant<Queued, Running, Answered>>(std::move(state));
    return *this;
  }

 private:
  std::unique_ptr<std::variant<Queued, Running, Answered>> state_;
};

/// What this worker knows of one atom.
struct KnownAtom {
  Dispatch highest = 0;  // a lower one is refused
  /// Said of `highest`, and said again to its copies: it is over, or will never start here.
  std::optional<wire::NotRun> word;
  Open now;
};
static_assert(sizeof(KnownAtom) <= 64, "DeliveryMemory::kIdleAtomsMax of them are kept");

/// The deliveries that this worker has seen (PROTOCOL.md I13, I16, H7, H23).
/// Bounds: answers by count and bytes: at them has_room() is false and the caller takes no new work instead
/// of forgetting; atoms about which nothing is open: the oldest are forgotten (kIdleAtomsMax). What was
/// forgotten for want of room is told: a request of it that comes again would be executed again.
class DeliveryMemory {
 public:
  /// Called inside of the memory's own work: it must not be asked then.
  struct Forgets {
    std::function<void(const wire::DeliveryId&)> unrecorded_answer;
    std::function<void()> idle_atom;
  };
  static constexpr std::size_t kIdleAtomsMax = 65'536;  // some 16 MiB
  /// An answer this old may be forgotten unrecorded when the memory is full: its conductor and every later
  /// owner of its flow were silent all that time, or the word `recorded` was lost.
  static constexpr Millis kAnswerKeptAtLeast{3'600'000};

  DeliveryMemory(std::size_t answers_max, std::size_t answer_bytes_max, Forgets told)
      : answers_max_(answers_max), answer_bytes_max_(answer_bytes_max), told_(std::move(told)) {}

  KnownAtom* find(const AtomKey&);
  KnownAtom& of(const AtomKey&);  // made if it is new

  /// Whether one more answer will fit; forgets answers over kAnswerKeptAtLeast to make it so.
  bool has_room(Micros now);
  void keep_answer(const AtomKey&, Asked, wire::Answer, Micros now);
  /// The atom has nothing open any more; what is known of it (highest, word) stays until the bound.
  void settle(const AtomKey&);

  /// Answers whose repetition is due, each with its next pause set; and when the next one is.
  std::vector<Answered*> due(Micros now);
  std::optional<Micros> next_due() const;

  std::size_t answers() const { return answers_; }
  std::size_t atoms() const { return atoms_.size(); }

  static constexpr Millis kRepeatFirst{1'000};
  static constexpr Millis kRepeatLongest{60'000};

 private:
  struct Hash {
    std::size_t operator()(const AtomKey& key) const noexcept {
      return std::hash<FlowId>{}(key.flow) * 31 + std::hash<std::string>{}(key.atom);
    }
  };
  using Due = std::pair<Micros, std::uint64_t>;
  using Repeats = std::map<Due, AtomKey>;

  void forget_answer(KnownAtom&);

  const std::size_t answers_max_, answer_bytes_max_;
  const Forgets told_;
  std::unordered_map<AtomKey, KnownAtom, Hash> atoms_;  // never iterated: its order is nobody's
  std::deque<std::pair<AtomKey, Dispatch>> idle_;       // oldest first; entries that moved on are skipped
  Repeats repeats_;                                     // by time; of answers only
  std::uint64_t last_repeat_ = 0;
  std::size_t answers_ = 0, answer_bytes_ = 0;
};

}  // namespace baton::worker
