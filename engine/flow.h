#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/model/rare.h"
#include "common/model/result.h"
#include "common/model/time.h"
#include "common/model/value.h"

/// What authors build: a tree of flows and tasks as plain data, the C++ twin of conformance/FORMAT.md's JSON
/// with Baton's members added (DESIGN.md section 9). The compiler turns it into a Plan.
namespace baton::engine {

/// Which symbols a result provides.
struct Provides {
  enum class Kind { Nothing, Whole, ByIndex, ByKey };
  Kind kind = Kind::Nothing;
  std::vector<std::string> symbols;  // Whole: one; ByIndex: result[i]; ByKey: result[symbol]
};

enum class OnWorkerLoss { Redeliver, Fail };
enum class OnRevertFailure { Stop, Continue };

struct Timeouts {
  std::optional<Millis> schedule_to_start;
  std::optional<Millis> start_to_close;
  std::optional<Millis> heartbeat;
  std::optional<Millis> abandon_after;
  bool operator==(const Timeouts&) const = default;
};

/// Flows of a million tasks keep one of these for each: what most tasks lack costs a pointer.
struct TaskSpec {
  std::string type;  // the task type that a worker advertises
  std::string name;
  std::vector<std::string> requirements;     // "requires" in JSON (a C++ keyword): argument = symbol
  RareMap<std::string, std::string> rebind;  // argument -> symbol
  RareList<std::string> revert_requirements;
  Provides provides;
  RareMap<std::string, Value> inject;
  RareMap<std::string, std::string> labels;  // selectors: the worker must carry all of them
  Rare<Timeouts> timeouts;
  std::int32_t priority = 0;  // among ready atoms, higher first
  OnWorkerLoss on_worker_loss = OnWorkerLoss::Redeliver;
  std::uint32_t max_deliveries = 3;
  bool irreversible = false;
  OnRevertFailure on_revert_failure = OnRevertFailure::Stop;
  Rare<std::string> description;
};

/// Timeout: tries until its budget is over. User: a module's (user_retries.h).
enum class RetryPolicy { Times, ForEach, ParameterizedForEach, AlwaysRevert, AlwaysRevertAll, Timeout, User };

/// What becomes of a failure when no attempt is left.
enum class OnExhausted { Revert, Suspend };

struct Backoff {
  Millis initial{0};
  double factor = 1.0;  // 1: fixed
  std::optional<Millis> cap;
  double jitter = 0.0;  // share of the pause, 0 … 1
};

struct RetrySpec {
  std::string name;  // empty: "<flow name>_retry"
  RetryPolicy policy = RetryPolicy::Times;
  std::uint32_t attempts = 1;  // of Timeout and User: 0, no bound but the budget
  RareList<Value> values;
  bool revert_all = false;
  Provides provides;
  std::vector<std::string> requirements;
  RareMap<std::string, std::string> rebind;
  Rare<Backoff> backoff;
  RareList<std::string> retry_on;  // failure types; empty: all
  std::optional<Millis> budget;    // no further attempt once so much has passed since the first failure
  OnExhausted on_exhausted = OnExhausted::Revert;
  std::string user_policy;  // User: its name …
  Value parameters;         // … and what it is given besides
};

/// Bound by time or by a module, not by a number of its own.
constexpr bool is_open_ended(RetryPolicy policy) {
  return policy == RetryPolicy::Timeout || policy == RetryPolicy::User;
}
constexpr std::uint32_t attempts_unless_told(RetryPolicy policy) {
  return is_open_ended(policy) ? 0 : 1;
}

enum class Pattern { Linear, Unordered, Graph };
enum class DeciderDepth { All, Flow, Neighbors, Atom };  // widest first

struct When {
  enum class Kind { ResultOfEquals, Const, Raise };
  Kind kind = Kind::Const;
  std::string result_of;
  Value equals;
  bool constant = true;
};

struct LinkSpec {
  std::string from, to;  // direct children, by name
  std::optional<When> when;
  std::optional<DeciderDepth> depth;
};

struct FlowSpec;
using NodeSpec = std::variant<TaskSpec, std::shared_ptr<const FlowSpec>>;

struct FlowSpec {
  std::string name;
  Pattern pattern = Pattern::Linear;
  std::optional<RetrySpec> retry;
  std::vector<NodeSpec> nodes;
  std::vector<LinkSpec> links;
  std::string description;
};

/// Why a flow is refused. `stage` and `kind` are TaskFlow's (conformance/FORMAT.md): build | compile |
/// validate and the exception class; of Baton's own refusals a member or value that this version does not
/// know has kind "Unsupported" (a later one may), all others (wrong type of a member) have kind "Invalid".
struct FlowError {
  /// An argument without a provider, for who shows each at its place.
  struct Lack {
    std::string atom, symbol, what, hint;
  };

  std::string stage;
  std::string kind;                  // MissingDependencies, Duplicate, DependencyFailure, …
  std::string message;               // where, what, what was known, hint
  std::vector<std::string> missing;  // symbols, sorted
  std::vector<Lack> lacks = {};      // MissingDependencies: the first kLacksMax

  /// Of a flow that cannot be built or compiled: the message in parts, for who shows it at its place.
  std::vector<std::string> flows =
      {};                 // names of the flow and of those around it, outermost first; none: all
  std::string atom = {};  // the task or retry in it; empty: it is the flow's
  std::string what = {}, hint = {};
};
inline constexpr std::size_t kLacksMax = 20;

/// Reads FORMAT.md's shape with Baton's members. Unknown members and values and wrong types are refused by
/// name and place ("flow.nodes[2].retry.policy: …").
Result<FlowSpec, FlowError> read_flow(const Value& json);
/// The same shape again (factories and `baton flow show` use it).
Value write_flow(const FlowSpec&);

}  // namespace baton::engine
