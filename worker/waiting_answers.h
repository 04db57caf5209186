#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "common/wire/messages.h"

namespace baton::worker {

/// What an answer takes in memory and in its message; an estimate that is never far too low.
std::size_t roughly_bytes(const wire::Answer&);

/// Answers to one conductor that wait to be sent, in the order in which they came first. One a delivery: what
/// is said of it again replaces what waits. No bound of its own.
class WaitingAnswers {
 public:
  bool has(const wire::DeliveryId& delivery) const { return places_.contains(delivery); }
  void put(wire::Answer);
  /// The first ones, up to the one with which they reach so many bytes; and back again, in front of the rest.
  std::vector<wire::Answer> take_head(std::size_t bytes_max);
  void put_head(std::vector<wire::Answer>);

  bool empty() const { return answers_.empty(); }
  std::size_t count() const { return answers_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  std::deque<wire::Answer> answers_;
  std::uint64_t first_ = 0;                           // the place of answers_.front()
  std::map<wire::DeliveryId, std::uint64_t> places_;  // of each answer that waits
  std::size_t bytes_ = 0;
};

}  // namespace baton::worker
