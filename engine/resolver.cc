#include "engine/resolver.h"

#include <algorithm>

#include "common/model/assert.h"
#include "engine/symbol_lookup.h"

namespace baton::engine {
namespace {

/// The history with the failure noted in the entry of the attempt under way: one an atom, and not without
/// bound (a wide flow may fail a hundred thousand times at once). Null: it is noted already, or there is no
/// room.
std::shared_ptr<const RetryHistory> with_failure(const RetryHistory& history, const std::string& atom,
                                                 const Failure& failure, TimePoint now) {
  const auto& noted = history.back().failures;
  const auto is_atom = [&](const auto& each) { return each.first == atom; };
  if (noted.size() >= kRetryFailuresMax || std::any_of(noted.begin(), noted.end(), is_atom)) return nullptr;
  auto copy = std::make_shared<RetryHistory>(history);
  copy->back().failures.emplace_back(atom, failure);
  if (!copy->back().first_failure_at) copy->back().first_failure_at = now;
  return copy;
}

}  // namespace

const RetrySpec& Resolver::spec(AtomIndex retry) const {
  const PlanData& plan = book_.plan();
  BATON_ASSERT(plan.atoms[retry].kind == AtomKind::Retry);
  return plan.retries[plan.atoms[retry].spec];
}

void Resolver::resolve(AtomIndex failed, TimePoint now, bool again) {
  BATON_ASSERT(book_.atom(failed).failure.has_value());
  apply(decide(failed, {*book_.atom(failed).failure, now, again}));
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
  const PlanData& plan = book_.plan();
  AtomRecord after = book_.atom(retry);
  auto noted = with_failure(*after.history, plan.name(failed), cause.failure, cause.now);
  const bool is_new = noted != nullptr;
  if (is_new) after.history = std::move(noted);
  Value values;
  if (spec(retry).policy == RetryPolicy::ParameterizedForEach)
    values = find_symbol(book_, retry, values_symbol(spec(retry))).value_or(Value());
  const RetryAnswer answer = answer_failure(spec(retry), *after.history, values, cause.failure);
  if (is_new || !cause.again)
    book_.change(
        retry, std::move(after), is_new ? kHistoryChanged : 0,
        "answered " + std::string(to_string(answer)) + " to the failure of '" + plan.name(failed) + "'");
  return answer;
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
