#include "engine/asked_run.h"

#include <algorithm>
#include <optional>

#include "common/model/value.h"
#include "engine/arguments.h"
#include "engine/graph_reach.h"
#include "engine/plan_data.h"
#include "engine/scope_walk.h"
#include "engine/symbol_lookup.h"

namespace baton::engine {
namespace {

std::string quote(std::string_view name) {
  return "'" + std::string(name) + "'";
}

bool takes(const PlanData& plan, AtomIndex atom, std::string_view symbol) {
  const std::uint32_t spec = plan.atoms[atom].spec;
  const auto needs = plan.is_task(atom) ? needs_of(plan.tasks[spec]) : needs_of(plan.retries[spec]);
  return std::binary_search(needs.begin(), needs.end(), symbol);
}

bool only_from(const PlanData& plan, AtomIndex provider, AtomIndex taker, std::string_view symbol) {
  ScopeWalk walk(plan, taker, symbol);
  bool offered = false;
  while (const auto candidate = walk.next()) {
    if (candidate->offer.atom != provider) return false;
    offered = true;
  }
  return offered;
}

/// Nobody else provides it to some atom behind that takes it.
std::string refuse_to_do_without(const PlanData& plan, AtomIndex provider) {
  const auto behind = all_behind(plan, provider);
  for (const std::string& symbol : plan.provides(provider).symbols) {
    if (plan.store.contains(symbol)) continue;
    for (const AtomRange& range : behind)
      for (AtomIndex atom = range.first; atom < range.first + range.count; ++atom)
        if (takes(plan, atom, symbol) && only_from(plan, provider, atom, symbol))
          return quote(plan.name(atom)) + " requires '" + symbol + "', which only " +
                 quote(plan.name(provider)) + " provides: mark it as done, with its result, instead";
  }
  return {};
}

/// What a task may leave out for once is a slip when a person does.
std::string refuse_result(const PlanData& plan, AtomIndex atom, const Value& result) {
  const Provides& provides = plan.provides(atom);
  for (std::uint32_t item = 0; item < provides.symbols.size(); ++item) {
    if (item_of(result, provides, item)) continue;
    const bool by_key = provides.kind == Provides::Kind::ByKey;
    return quote(plan.name(atom)) + " provides '" + provides.symbols[item] + "' as " +
           (by_key ? "a member" : "element " + std::to_string(item)) +
           " of its result, and the result that is given lacks it";
  }
  return {};
}

}  // namespace

std::string asked_run_refused(const Plan& plan, AtomIndex atom, AtomState state, const RunAsked& asked) {
  using How = RunAsked::How;
  const std::string name = quote(plan.name(atom));
  const bool retry = plan.kind(atom) == AtomKind::Retry;
  if (state == AtomState::Success)
    return name + " has succeeded; a rerun anew runs it again, with everything else";
  const bool revert_failed = state == AtomState::RevertFailure;
  switch (asked.how) {
    case How::Keep:
    case How::Anew:
      return {};
    case How::RetryAtom:
      return retry && revert_failed ? name + " is a retry, whose revert does nothing: skip it"
                                    : std::string();
    case How::SkipAtom:
      if (revert_failed) return {};
      if (state == AtomState::Ignore) return name + " is skipped already";
      break;
    case How::MarkDone:
      break;
  }
  if (retry)
    return name + " is a retry: it runs inside the engine, and nobody can do its work; rerun the job";
  return asked.how == How::SkipAtom ? refuse_to_do_without(plan.data(), atom)
                                    : refuse_result(plan.data(), atom, asked.result);
}

}  // namespace baton::engine
