#include "tests/conformance/scripted_policy.h"

#include <algorithm>

#include "common/model/json_view.h"

namespace baton::conformance {
namespace {

/// Nothing: the parameters have no such list.
std::optional<JsonView> nth(const engine::RetryCall& call, std::string_view list, std::size_t n) {
  const auto found = JsonView(call.spec.parameters).at(list);
  const auto items = found ? found->items() : std::vector<JsonView>();
  return items.empty() ? std::nullopt : std::optional(items[std::min(n, items.size() - 1)]);
}

}  // namespace

Result<Value, Failure> ScriptedPolicy::execute(const engine::RetryCall& call) const {
  const auto value = nth(call, "values", call.history.size());
  return value ? value->value() : Value();
}

Result<RetryAnswer, Failure> ScriptedPolicy::on_failure(const engine::RetryCall& call, const std::string&,
                                                        const Failure&) const {
  const auto answer = nth(call, "answers", call.history.size() - 1);
  const auto known = answer ? retry_answer_from(answer->text()) : std::nullopt;
  if (!known) return Fail(Failure::make("NoAnswer", "the parameters have no such answer"));
  return *known;
}

}  // namespace baton::conformance
