#include "engine/symbol_lookup.h"

#include "common/model/assert.h"
#include "engine/json_view.h"
#include "engine/scope_walk.h"

namespace baton::engine {
namespace {

/// Python's text[index]: one character.
std::optional<Value> character(const std::string& text, std::size_t index) {
  std::size_t at = 0;
  const auto next = [&](std::size_t from) {
    do ++from;
    while (from < text.size() && (static_cast<unsigned char>(text[from]) & 0xC0) == 0x80);
    return from;
  };
  for (; at < text.size() && index > 0; --index) at = next(at);
  if (at >= text.size()) return std::nullopt;
  return Value::of_string(std::string_view(text).substr(at, next(at) - at));
}

/// What Python's result[index] or result[key] gives; nothing where it throws.
std::optional<Value> extracted(const Value& result, const Provides& provides, std::uint32_t item) {
  const JsonView view(result);
  switch (provides.kind) {
    case Provides::Kind::Nothing:
      return std::nullopt;
    case Provides::Kind::Whole:
      return result;
    case Provides::Kind::ByIndex: {
      if (view.kind() == JsonView::Kind::String) return character(view.text(), item);
      if (view.kind() != JsonView::Kind::Array) return std::nullopt;
      const auto found = view.at(std::size_t{item});
      return found ? std::optional(found->value()) : std::nullopt;
    }
    case Provides::Kind::ByKey: {
      if (view.kind() != JsonView::Kind::Object) return std::nullopt;
      const auto found = view.at(std::string_view(provides.symbols[item]));
      return found ? std::optional(found->value()) : std::nullopt;
    }
  }
  return std::nullopt;
}

bool readable(AtomState state) {
  return state == AtomState::Success || state == AtomState::Failure || state == AtomState::Reverting;
}

/// What an atom provides as a whole: its result, the last value of a retry, or the failure that it ended in.
std::optional<Value> whole_result(const FlowBook& book, AtomIndex atom) {
  const AtomRecord& record = book.atom(atom);
  if (record.failure) return record.failure->to_value();
  if (!readable(record.state)) return std::nullopt;
  if (book.plan().atoms[atom].kind == AtomKind::Task) return record.result;
  if (!record.history || record.history->empty()) return std::nullopt;
  return record.history->back().value;
}

std::optional<Value> from_providers(const FlowBook& book, AtomIndex atom, std::string_view symbol) {
  ScopeWalk walk(book.plan(), atom, symbol);
  std::optional<std::uint32_t> used_level;  // the first one with a provider that is not ignored
  while (const auto candidate = walk.next()) {
    if (used_level && candidate->level != *used_level) return std::nullopt;
    const AtomRecord& provider = book.atom(candidate->offer.atom);
    if (provider.state == AtomState::Ignore && !provider.failure) continue;
    used_level = candidate->level;
    const auto whole = whole_result(book, candidate->offer.atom);
    if (!whole) return std::nullopt;
    if (auto value = extracted(*whole, book.plan().provides(candidate->offer.atom), candidate->offer.item))
      return value;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Value> find_symbol(const FlowBook& book, AtomIndex atom, std::string_view symbol) {
  const PlanData& plan = book.plan();
  const std::string name(symbol);
  if (plan.is_task(atom)) {
    const auto& inject = plan.tasks[plan.atoms[atom].spec].inject;
    if (const auto found = inject.find(name); found != inject.end()) return found->second;
  }
  if (const auto found = plan.store.find(name); found != plan.store.end()) return found->second;
  return from_providers(book, atom, symbol);
}

Result<ArgumentValues, Failure> find_arguments(const FlowBook& book, AtomIndex atom,
                                               const std::vector<Argument>& arguments) {
  ArgumentValues values;
  for (const auto& [name, symbol] : arguments) {
    auto value = find_symbol(book, atom, symbol);
    if (!value)
      return Fail(Failure::make(std::string(failure_type::kMissingSymbol),
                                "'" + book.plan().name(atom) + "' requires '" + std::string(symbol) +
                                    "', but nothing before it provides it now: its provider was ignored, or "
                                    "its result lacks the item"));
    values.emplace_back(name, *std::move(value));
  }
  return values;
}

std::string arguments_json(const ArgumentValues& values) {
  std::string json = "{";
  for (const auto& [name, value] : values) {
    if (json.size() > 1) json += ", ";
    json += quoted(name) + ": ";
    json += value.json();
  }
  return json + "}";
}

Result<Value, Failure> task_arguments(const FlowBook& book, AtomIndex atom, Intention intention) {
  const PlanData& plan = book.plan();
  BATON_ASSERT(plan.is_task(atom));
  auto values = find_arguments(book, atom, arguments_of(plan.tasks[plan.atoms[atom].spec], intention));
  if (!values) return Fail(values.error());
  std::string json = arguments_json(*values);
  // A revert is never refused for its size: what it undoes did fit.
  if (intention == Intention::Execute && json.size() > kArgumentsBytesMax)
    return Fail(Failure::make(std::string(failure_type::kArgumentsTooLarge),
                              "the arguments of '" + plan.name(atom) + "' have " +
                                  std::to_string(json.size()) + " bytes, the limit is " +
                                  std::to_string(kArgumentsBytesMax)));
  return Value::from_stored(std::move(json));
}

}  // namespace baton::engine
