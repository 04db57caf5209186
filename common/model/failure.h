#pragma once

#include <string>
#include <vector>

#include "common/model/value.h"

namespace baton {

/// Why an atom did not succeed: kept in the history, given to reverts and retries. Texts are cut at
/// kFailureTextBytesMax by make().
struct Failure {
  std::string type;     // e.g. "QuotaExceeded", "TaskCrashed", "WorkerLost", "BadResult": what retry_on names
  std::string message;  // for people
  Value details;        // anything else the task wants to tell (exit code, stderr's tail, …)

  static Failure make(std::string type, std::string message, Value details = {});
  Value to_value() const;                   // {"type": …, "message": …, "details": …}
  static Failure from_value(const Value&);  // lenient: what is missing is empty
  bool operator==(const Failure&) const = default;
};

/// The failure of an atom whose result cannot be kept: what it is, why not, what to do.
Failure bad_result(std::string_view what, const ValueError&);

/// Baton's own failure types.
namespace failure_type {
inline constexpr std::string_view kBadResult = "BadResult";
inline constexpr std::string_view kArgumentsTooLarge = "ArgumentsTooLarge";
inline constexpr std::string_view kUnstorable = "Unstorable";
inline constexpr std::string_view kWorkerLost = "WorkerLost";
inline constexpr std::string_view kTaskCrashed = "TaskCrashed";
inline constexpr std::string_view kTaskThrew = "TaskThrew";
inline constexpr std::string_view kCommandFailed = "CommandFailed";
inline constexpr std::string_view kTimedOut = "TimedOut";
inline constexpr std::string_view kCancelled = "Cancelled";
inline constexpr std::string_view kMissingSymbol = "MissingSymbol";
inline constexpr std::string_view kDeciderFailed = "DeciderFailed";
inline constexpr std::string_view kUnsupported = "Unsupported";
inline constexpr std::string_view kNotFound = "NotFound";    // for_each with nothing left
inline constexpr std::string_view kWrongType = "WrongType";  // what a retry is to take its values from
}  // namespace failure_type

}  // namespace baton
