#pragma once

#include <baton/boundary.h>
#include <baton/task.h>

#include <string>
#include <vector>

/// What authors of retry policies write; a flow names it by Retry::user("quota.until_free").
///
///     struct UntilFree : baton::sdk::RetryPolicy {
///       Answer on_failure(const RetryCall& call, const Failed& failed) override {
///         return failed.failure.type == "QuotaExceeded" ? Answer::retry : Answer::revert;
///       }
///     };
namespace baton::sdk {

/// What a policy is told. All of it is on record.
struct RetryCall {
  struct Attempt {
    json::value value;                              // what execute gave
    std::map<std::string, Undo::Failure> failures;  // by atom; at most 64 of them
  };
  std::string retry;       // the atom's name
  json::value parameters;  // as the flow says them
  json::object arguments;  // symbols that the retry needs
  std::vector<Attempt> history;
};

/// Says whether a flow is tried again, and what its next attempt is given. Asked in the middle of a flow's
/// step: it answers at once, without I/O. What it says is recorded; after a restart it is not asked again.
/// `attempts`, `budget` and `retry_on` of the retry bind it: it is not asked beyond them.
class RetryPolicy {
 public:
  enum class Answer { retry, revert, revert_all, suspend };
  struct Failed {
    std::string atom;
    Undo::Failure failure;
  };

  virtual ~RetryPolicy() = default;
  /// What the retry provides in its next attempt; by default its number. Throw TaskFailure to fail the retry.
  virtual json::value execute(const RetryCall& call) { return call.history.size() + 1; }
  /// The last entry of the history is the attempt that failed. Throwing counts as revert.
  virtual Answer on_failure(const RetryCall&, const Failed&) = 0;
};

namespace boundary {

inline RetryCall retry_call_from(const json::object& given) {
  RetryCall call{std::string(given.at("retry").as_string()),
                 given.at("parameters"),
                 given.at("arguments").as_object(),
                 {}};
  for (const auto& item : given.at("history").as_array()) {
    RetryCall::Attempt attempt{item.at("value"), {}};
    for (const auto& [atom, failure] : item.at("failures").as_object())
      attempt.failures.emplace(std::string(atom), failure_from(failure));
    call.history.push_back(std::move(attempt));
  }
  return call;
}

template <class T>
void retry_execute(void*, baton_bytes call, baton_sink sink) {
  guarded(sink, "RetryThrew", [&]() -> json::value {
    const json::value given = read(call);
    T policy;
    return policy.execute(retry_call_from(given.as_object()));
  });
}

template <class T>
void retry_on_failure(void*, baton_bytes call, baton_sink sink) {
  static constexpr const char* kAnswers[] = {"RETRY", "REVERT", "REVERT_ALL", "SUSPEND"};
  guarded(sink, "RetryThrew", [&]() -> json::value {
    const json::value tree = read(call);
    const json::object& given = tree.as_object();
    T policy;
    const auto answer =
        policy.on_failure(retry_call_from(given),
                          {std::string(given.at("failed").as_string()), failure_from(given.at("failure"))});
    return kAnswers[static_cast<int>(answer)];
  });
}

}  // namespace boundary
}  // namespace baton::sdk
