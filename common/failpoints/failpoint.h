#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "common/model/result.h"

namespace baton::failpoints {

/// The moments at which a process may be told to die. Each is counted for itself, from 1.
///   commit     a claim or a step is about to be given to the store: it will not be recorded
///   committed  the store has answered, and nobody here has heard it: what it says was not
///              followed
///   ended      the store has answered a step that ends a run, and nobody here has heard it
///   send       a message is about to be queued: what it says is recorded, and stays unsaid
///   sent       it has been queued
///   receive    a message of the inbox is here, and has not been looked at
///   received   it has been handled: nothing of what it led to is recorded
enum class Moment { Commit, Committed, Ended, Send, Sent, Receive, Received };
inline constexpr std::size_t kMoments = 7;

/// Counts the moments of this process and ends it, as kill -9 does, at the one that was asked for.
/// Owner's thread only.
class Failpoint {
 public:
  /// "committed:12": at the twelfth commit. Empty text: none is asked for. The error is for people.
  static Result<std::optional<Failpoint>, std::string> parse(const std::string& text);
  /// What $BATON_FAILPOINT asks for.
  static Result<std::optional<Failpoint>, std::string> of_environment(
      const std::function<const char*(const char*)>& getenv);

  void pass(Moment);
  /// For tests: what is done instead of dying.
  void on_reached(std::function<void()> instead) { die_ = std::move(instead); }

 private:
  Failpoint(Moment moment, std::uint64_t number);
  Moment moment_;
  std::uint64_t number_;
  std::uint64_t passed_ = 0;
  std::function<void()> die_;
};

}  // namespace baton::failpoints
