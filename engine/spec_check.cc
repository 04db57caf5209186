#include "engine/spec_check.h"

#include <set>
#include <utility>

#include "engine/flow_error.h"

namespace baton::engine {
namespace {

using Problem = std::optional<FlowError>;

Problem refuse(const FlowDraft& flow, Mistake mistake) {
  return flow_error("build", "Invalid", path_of(flow), std::move(mistake));
}

Problem check_name(const FlowDraft& flow, const std::string& kind, const std::string& name) {
  if (name.empty()) return refuse(flow, {"a " + kind + " has no name", "every " + kind + " needs one"});
  if (name.size() > kNameBytesMax)
    return refuse(flow,
                  {"the name of a " + kind + " has " + std::to_string(name.size()) + " bytes, the limit is " +
                   std::to_string(kNameBytesMax) + "\n  it begins with '" + name.substr(0, 40) + "'"});
  return std::nullopt;
}

/// `kind`: of the atom, "task" or "retry".
Problem check_provides(const FlowDraft& flow, const std::string& kind, const std::string& atom,
                       const Provides& provides) {
  std::set<std::string_view> seen;
  for (const std::string& symbol : provides.symbols) {
    if (Problem problem = check_name(flow, "symbol", symbol)) return problem;
    if (!seen.insert(symbol).second)
      return refuse(flow, {kind + " '" + atom + "' provides '" + symbol + "' twice", {}, atom});
  }
  return std::nullopt;
}

/// Refused: a retry that could go on for ever, and members that its policy would not look at.
Problem check_policy(const FlowDraft& flow, const RetrySpec& retry, const std::string& name) {
  const auto refuse_it = [&](const std::string& what, const std::string& hint = {}) {
    return refuse(flow, {"retry '" + name + "' " + what, hint, name});
  };
  const bool user = retry.policy == RetryPolicy::User;
  if (user && retry.user_policy.empty())
    return refuse_it("has the policy user, but no \"user_policy\"", "name a retry policy of a module");
  if (!user && !retry.user_policy.empty())
    return refuse_it("has \"user_policy\", which only the policy user takes");
  if (!user && !retry.parameters.is_null())
    return refuse_it("has \"parameters\", which only the policy user takes");
  if (retry.policy == RetryPolicy::Timeout && !retry.budget)
    return refuse_it("could go on for ever: the policy timeout has no \"budget_ms\"",
                     "say how long it may try, counted from its first failure");
  if (user && !retry.budget && retry.attempts == 0)
    return refuse_it(
        "could go on for ever: it has neither \"attempts\" nor \"budget_ms\"",
        "the policy '" + retry.user_policy + "' is a module's; say how often or how long it may try");
  const bool never =
      retry.policy == RetryPolicy::AlwaysRevert || retry.policy == RetryPolicy::AlwaysRevertAll;
  if (never && (retry.budget || retry.backoff || !retry.retry_on.empty()))
    return refuse_it("never tries again, but has \"budget_ms\", \"backoff\" or \"retry_on\"",
                     "leave them out, or give it another policy");
  return std::nullopt;
}

Problem check_retry_spec(const FlowDraft& flow, const RetrySpec& retry) {
  const std::string name = retry_name(*flow.spec);
  if (Problem problem = check_name(flow, "retry", name)) return problem;
  if (!retry.values.empty() && retry.policy != RetryPolicy::ForEach)
    return refuse(flow, {"retry '" + name + "' has \"values\", which only the policy for_each takes",
                         "parameterized_for_each takes the symbol 'values', usually rebound", name});
  if (Problem problem = check_policy(flow, retry, name)) return problem;
  return check_provides(flow, "retry", name, retry.provides);
}

}  // namespace

std::optional<FlowError> check_flow_spec(const FlowDraft& flow) {
  const FlowSpec& spec = *flow.spec;
  if (Problem problem = check_name(flow, "flow", spec.name)) return problem;
  if (!spec.links.empty() && spec.pattern != Pattern::Graph)
    return refuse(flow, {"it has links, which only graph flows take",
                         "make its pattern \"graph\", or order its nodes by nesting linear and unordered "
                         "flows"});
  if (spec.retry) return check_retry_spec(flow, *spec.retry);
  return std::nullopt;
}

std::optional<FlowError> check_task_spec(const FlowDraft& around, const TaskSpec& task) {
  if (Problem problem = check_name(around, "task", task.name)) return problem;
  if (Problem problem = check_name(around, "task type", task.type)) return problem;
  return check_provides(around, "task", task.name, task.provides);
}

}  // namespace baton::engine
