#include "engine/validation.h"

#include <algorithm>
#include <set>
#include <unordered_set>

#include "common/model/name_list.h"
#include "engine/arguments.h"
#include "engine/flow_error.h"
#include "engine/scope_walk.h"

namespace baton::engine {
namespace {

constexpr std::size_t kToldMax = 5;       // missing arguments that the message explains
constexpr std::size_t kProvidedMax = 10;  // symbols that it lists as known

struct Missing {
  AtomIndex atom = kNoAtom;
  std::string argument, symbol;
};

std::string quoted_name(std::string_view name) {
  return "'" + shown_name(name, name.size()) + "'";
}

std::string shown_atom(const PlanData& plan, AtomIndex atom) {
  return (plan.atoms[atom].kind == AtomKind::Task ? "task " : "retry ") + quoted_name(plan.name(atom));
}

/// What the atom could have instead.
std::string provided_before(const PlanData& plan, AtomIndex atom) {
  std::set<std::string_view> symbols;
  for (const auto offers : plan.offers.by_symbol()) symbols.insert(plan.symbol(offers.front()));
  std::string text;
  std::size_t count = 0;
  for (const auto symbol : symbols) {
    const auto nearest = ScopeWalk(plan, atom, symbol).next();
    if (!nearest) continue;
    if (++count > kProvidedMax) return text + ", …";
    text += (text.empty() ? "" : ", ") + quoted_name(symbol) + " (by " +
            quoted_name(plan.name(nearest->offer.atom)) + ")";
  }
  return text.empty() ? "nothing" : text;
}

FlowError::Lack explained(const PlanData& plan, const Missing& missing) {
  FlowError::Lack lack{std::string(plan.name(missing.atom)), missing.symbol, {}, {}};
  lack.what = shown_atom(plan, missing.atom) + " requires " + quoted_name(missing.symbol);
  if (missing.argument != missing.symbol) lack.what += " as its argument " + quoted_name(missing.argument);
  lack.what +=
      ", but no atom before it provides it\n    provided before it: " + provided_before(plan, missing.atom);
  const auto offers = plan.offers.of(missing.symbol);
  if (offers.empty()) {
    lack.hint = "pass " + quoted_name(missing.symbol) + " in the store, or add a task that provides it";
  } else if (offers.front().atom == missing.atom) {
    lack.hint = "it cannot take it from itself: rebind one of the two";
  } else {
    const std::string other = quoted_name(plan.name(offers.front().atom));
    lack.hint = other + " provides it: make " + other + " run before it";
  }
  return lack;
}

bool may_try_again(const RetrySpec& retry) {
  if (retry.on_exhausted == OnExhausted::Suspend) return true;  // whoever resumes it grants an attempt
  switch (retry.policy) {
    case RetryPolicy::Times:
      return retry.attempts > 1;
    case RetryPolicy::ForEach:
      return retry.values.size() > 1;
    case RetryPolicy::ParameterizedForEach:
    case RetryPolicy::Timeout:
    case RetryPolicy::User:
      return true;
    case RetryPolicy::AlwaysRevert:
    case RetryPolicy::AlwaysRevertAll:
      return false;
  }
  return true;
}

}  // namespace

std::optional<FlowError> check_irreversible(const PlanData& plan) {
  if (!plan.has_irreversible) return std::nullopt;
  for (AtomIndex atom = 0; atom < plan.atoms.size(); ++atom) {
    if (!plan.is_task(atom) || !plan.tasks[plan.atoms[atom].spec].irreversible) continue;
    for (AtomIndex retry = plan.atoms[atom].retry; retry != kNoAtom; retry = plan.atoms[retry].retry)
      if (may_try_again(plan.retries[plan.atoms[retry].spec]))
        return flow_error(
            "compile", "Invalid", {plan.flows.front().name},
            {"task " + quoted_name(plan.name(atom)) + " is irreversible, but retry " +
                 quoted_name(plan.name(retry)) + " around it would have to revert it to try again",
             "move the task out of the retried flow, behind it", plan.name(atom)});
  }
  return std::nullopt;
}

std::optional<FlowError> check_symbols(const PlanData& plan) {
  std::vector<Missing> all;
  std::unordered_set<std::string_view> told;  // of one atom: execute and revert may take the same argument
  const auto check = [&](AtomIndex atom, const std::vector<Argument>& arguments, const TaskSpec* task) {
    for (const auto& [name, symbol] : arguments) {
      if (plan.store.contains(std::string(symbol))) continue;
      if (task && task->inject.contains(std::string(symbol))) continue;
      if (ScopeWalk(plan, atom, symbol).next()) continue;
      if (told.insert(name).second) all.push_back({atom, std::string(name), std::string(symbol)});
    }
  };
  for (AtomIndex atom = 0; atom < plan.atoms.size(); ++atom) {
    const PlanAtom& entry = plan.atoms[atom];
    told.clear();
    if (entry.kind == AtomKind::Retry) {
      check(atom, arguments_of(plan.retries[entry.spec]), nullptr);
    } else {
      const TaskSpec& task = plan.tasks[entry.spec];
      check(atom, arguments_of(task, Intention::Execute), &task);
      if (!task.revert_requirements.empty()) check(atom, arguments_of(task, Intention::Revert), &task);
    }
  }
  if (all.empty()) return std::nullopt;
  FlowError error{"validate", "MissingDependencies", {}, {}};
  for (std::size_t i = 0; i < std::min(all.size(), kLacksMax); ++i)
    error.lacks.push_back(explained(plan, all[i]));
  error.message = "flow " + quoted_name(plan.flows.front().name) + ": " + std::to_string(all.size()) +
                  (all.size() == 1 ? " argument has no provider" : " arguments have no provider");
  for (std::size_t i = 0; i < std::min(all.size(), kToldMax); ++i)
    error.message += "\n  " + error.lacks[i].what + "\n    hint: " + error.lacks[i].hint;
  if (all.size() > kToldMax) error.message += "\n  … and " + std::to_string(all.size() - kToldMax) + " more";
  std::set<std::string> names;
  for (const Missing& missing : all) names.insert(missing.argument);
  error.missing.assign(names.begin(), names.end());
  return error;
}

}  // namespace baton::engine
