#include "engine/resolver.h"

#include <algorithm>

#include "common/model/assert.h"
#include "engine/symbol_lookup.h"

namespace baton::engine {
namespace {

bool is_noted(const RetryEntry& entry, const std::string& atom) {
  const auto is_atom = [&](const auto& each) { return each.first == atom; };
  return std::any_of(entry.failures.begin(), entry.failures.end(), is_atom);
}

/// Notes the failure in the entry of the attempt under way: one an atom, and not without bound (a wide flow
/// may fail a hundred thousand times at once).
void note(Rare<RetryHistory>& history, const std::string& atom, const Failure& failure, TimePoint now) {
  if (history->back().failures.size() >= kRetryFailuresMax || is_noted(history->back(), atom)) return;
  RetryEntry& entry = history.edit().back();
  entry.failures.emplace_back(atom, failure);
  if (!entry.first_failure_at) entry.first_failure_at = now;
}

std::optional<RetryAnswer> on_record(const RetryEntry& entry, const std::string& atom) {
  for (const auto& [asked, answer] : entry.answers)
    if (asked == atom) return answer;
  return std::nullopt;
}

void record(RetryEntry& entry, const std::string& atom, RetryAnswer answer) {
  for (auto& [asked, given] : entry.answers.edit())
    if (asked == atom) {
      given = answer;
      return;
    }
  entry.answers.emplace_back(atom, answer);
}

}  // namespace

const RetrySpec& Resolver::spec(AtomIndex retry) const {
  const PlanData& plan = book_.plan();
  BATON_ASSERT(plan.atoms[retry].kind == AtomKind::Retry);
  return plan.retries[plan.atoms[retry].spec];
}

bool Resolver::resolve(AtomIndex failed, TimePoint now, Asking asking) {
  BATON_ASSERT(book_.atom(failed).failure.has_value());
  const Decision decision = decide(failed, {*book_.atom(failed).failure, now, asking});
  if (decision.answer == RetryAnswer::Suspend) return true;
  apply(decision);
  return false;
}

/// A retry that an IGNOREd decision passed over has no attempt that could have failed: the next one out is
/// asked, as if its flow had none. (TaskFlow's engine breaks there, semantics.md 39.)
AtomIndex Resolver::nearest_asked(AtomIndex failed) const {
  AtomIndex retry = book_.plan().atoms[failed].retry;
  while (retry != kNoAtom) {
    const auto& history = book_.atom(retry).history;
    if (history && !history->empty()) break;
    retry = book_.plan().atoms[retry].retry;
  }
  return retry;
}

Resolver::Decision Resolver::decide(AtomIndex failed, const Cause& cause) {
  const AtomIndex retry = nearest_asked(failed);
  if (retry == kNoAtom) return {};
  const RetryAnswer answer = ask(retry, failed, cause);
  if (answer != RetryAnswer::Revert) return {answer, retry};
  const Decision outer = decide(retry, cause);
  if (options_.defer_reverts) return outer;
  if (outer.retry != kNoAtom && outer.answer != RetryAnswer::Revert) return outer;
  return {RetryAnswer::Revert, retry};
}

RetryAnswer Resolver::ask(AtomIndex retry, AtomIndex failed, const Cause& cause) {
  const std::string& name = book_.plan().name(failed);
  AtomRecord after = book_.atom(retry);
  note(after.history, name, cause.failure, cause.now);
  const RetryEntry& entry = after.history->back();
  const auto told = on_record(entry, name);
  const Answered answered = answer(retry, name, *after.history, cause);
  const bool records = is_noted(entry, name) && told != answered.answer;
  if (records) record(after.history.edit().back(), name, answered.answer);
  if (records || cause.asking == Asking::Fresh)
    book_.change(retry, std::move(after), records ? kHistoryChanged : 0,
                 "answered " + std::string(to_string(answered.answer)) + " to the failure of '" + name + "'" +
                     (answered.why.empty() ? "" : ": " + answered.why));
  return answered.answer;
}

/// Its policy's, unless the answer is on record.
Answered Resolver::answer(AtomIndex retry, const std::string& failed, const RetryHistory& history,
                          const Cause& cause) const {
  const RetryEntry& entry = history.back();
  auto told = cause.asking == Asking::Fresh ? std::nullopt : on_record(entry, failed);
  // A module is not asked about what could not be recorded.
  if (!told && spec(retry).policy == RetryPolicy::User && !is_noted(entry, failed) && !entry.answers.empty())
    told = entry.answers.back().second;
  if (told == RetryAnswer::Suspend && cause.asking == Asking::Granted)
    return {RetryAnswer::Retry, "granted by whoever resumed the flow"};
  if (told) return {*told, {}};
  const Value arguments = arguments_of_retry(retry);
  return answer_failure({book_.plan().name(retry), spec(retry), history, arguments}, failed, cause.failure,
                        seed_of(options_, retry), options_.user_retries);
}

/// Those that can be had now; only policies that look at them cost anything.
Value Resolver::arguments_of_retry(AtomIndex retry) const {
  const RetrySpec& policy = spec(retry);
  if (!looks_at_arguments(policy.policy)) return {};
  ArgumentValues values;
  for (const auto& [name, symbol] : arguments_of(policy))
    if (auto value = find_symbol(book_, retry, symbol)) values.emplace_back(name, *std::move(value));
  return Value::from_stored(arguments_json(values));
}

void Resolver::apply(const Decision& decision) {
  if (decision.answer == RetryAnswer::RevertAll) return revert_all();
  const AtomIndex retry = decision.retry;
  // A retry that is to be reverted is not turned to RETRY any more (semantics.md 25).
  if (decision.answer == RetryAnswer::Revert)
    book_.intend(retry, Intention::Revert);
  else if (book_.atom(retry).intention != Intention::Revert)
    book_.intend(retry, Intention::Retry);
  // Many atoms of one flow may fail; what is behind their retry is marked once.
  if (reverted_behind_[retry] == book_.intention_epoch()) return;
  for (const AtomRange& range : all_behind(book_.plan(), retry))
    book_.intend_range(range.first, range.count, Intention::Revert);
  reverted_behind_[retry] = book_.intention_epoch();
}

void Resolver::revert_all() {
  if (reverted_all_ == book_.intention_epoch()) return;
  book_.intend_range(0, static_cast<AtomIndex>(book_.size()), Intention::Revert);
  reverted_all_ = book_.intention_epoch();
}

void Resolver::reset_behind(AtomIndex retry) {
  for (const AtomRange& range : all_behind(book_.plan(), retry))
    book_.intend_range(range.first, range.count, Intention::Execute, true);
}

}  // namespace baton::engine
