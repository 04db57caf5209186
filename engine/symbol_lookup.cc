#include "engine/symbol_lookup.h"

#include "common/model/assert.h"
#include "common/model/json_view.h"
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

}  // namespace

std::optional<Value> item_of(const Value& result, const Provides& provides, std::uint32_t item) {
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

namespace {

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

std::optional<Value> from_providers(const FlowBook& book, AtomIndex atom, std::span<const Offer> offers) {
  ScopeWalk walk(book.plan(), atom, offers);
  std::optional<std::uint32_t> used_level;  // the first one with a provider that is not ignored
  while (const auto candidate = walk.next()) {
    if (used_level && candidate->level != *used_level) return std::nullopt;
    const AtomRecord& provider = book.atom(candidate->offer.atom);
    if (provider.state == AtomState::Ignore && !provider.failure) continue;
    used_level = candidate->level;
    const auto whole = whole_result(book, candidate->offer.atom);
    if (!whole) return std::nullopt;
    if (auto value = item_of(*whole, book.plan().provides(candidate->offer.atom), candidate->offer.item))
      return value;
  }
  return std::nullopt;
}

/// What stands before all providers: the atom's inject, then the store.
std::optional<Value> given(const PlanData& plan, AtomIndex atom, std::string_view symbol) {
  const RareMap<std::string, Value> none;
  const auto& inject = plan.is_task(atom) ? plan.tasks[plan.atoms[atom].spec].inject : none;
  if (inject.empty() && plan.store.empty()) return std::nullopt;
  const std::string name(symbol);
  if (const auto found = inject.find(name); found != inject.end()) return found->second;
  if (const auto found = plan.store.find(name); found != plan.store.end()) return found->second;
  return std::nullopt;
}

std::optional<Value> find_symbol(const FlowBook& book, AtomIndex atom, std::string_view symbol,
                                 std::span<const Offer> offers) {
  auto value = given(book.plan(), atom, symbol);
  return value ? value : from_providers(book, atom, offers);
}

Failure missing(const FlowBook& book, AtomIndex atom, std::string_view symbol) {
  return Failure::make(std::string(failure_type::kMissingSymbol),
                       "'" + book.plan().name(atom) + "' requires '" + std::string(symbol) +
                           "', but nothing before it provides it now: its provider was ignored, or "
                           "its result lacks the item");
}

/// `offers_of(i)`: those of the i-th argument's symbol.
template <class OffersOf>
Result<ArgumentValues, Failure> find_each(const FlowBook& book, AtomIndex atom,
                                          const std::vector<Argument>& arguments, OffersOf offers_of) {
  ArgumentValues values;
  values.reserve(arguments.size());
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto& [name, symbol] = arguments[i];
    auto value = find_symbol(book, atom, symbol, offers_of(i));
    if (!value) return Fail(missing(book, atom, symbol));
    values.emplace_back(name, *std::move(value));
  }
  return values;
}

}  // namespace

std::optional<Value> find_symbol(const FlowBook& book, AtomIndex atom, std::string_view symbol) {
  return find_symbol(book, atom, symbol, book.plan().offers.of(symbol));
}

Result<ArgumentValues, Failure> find_arguments(const FlowBook& book, AtomIndex atom,
                                               const std::vector<Argument>& arguments) {
  return find_each(book, atom, arguments,
                   [&](std::size_t i) { return book.plan().offers.of(arguments[i].symbol); });
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

namespace {

Result<ArgumentValues, Failure> find_task_arguments(const FlowBook& book, AtomIndex atom,
                                                    Intention intention) {
  const PlanData& plan = book.plan();
  BATON_ASSERT(plan.is_task(atom));
  const TaskSpec& task = plan.tasks[plan.atoms[atom].spec];
  const auto arguments = arguments_of(task, intention);
  if (intention == Intention::Revert && !task.revert_requirements.empty())
    return find_arguments(book, atom, arguments);
  const auto numbers = plan.symbols_taken.of(atom);
  BATON_ASSERT(numbers.size() == arguments.size());
  return find_each(book, atom, arguments, [&](std::size_t i) { return plan.offers.of_number(numbers[i]); });
}

/// No less than arguments_json() has.
std::size_t bytes_at_most(const ArgumentValues& values) {
  static constexpr std::size_t kBytesOfCharacter = 6;  // \u0001
  std::size_t bytes = 2;
  for (const auto& [name, value] : values)
    bytes += kBytesOfCharacter * name.size() + std::string_view("\"\": , ").size() + value.json().size();
  return bytes;
}

}  // namespace

std::optional<Failure> arguments_refused(const FlowBook& book, AtomIndex atom, Intention intention) {
  const auto values = find_task_arguments(book, atom, intention);
  if (!values) return values.error();
  // A revert is never refused for its size: what it undoes did fit.
  if (intention != Intention::Execute || bytes_at_most(*values) <= kArgumentsBytesMax) return std::nullopt;
  const std::size_t bytes = arguments_json(*values).size();
  if (bytes <= kArgumentsBytesMax) return std::nullopt;
  return Failure::make(std::string(failure_type::kArgumentsTooLarge),
                       "the arguments of '" + book.plan().name(atom) + "' have " + std::to_string(bytes) +
                           " bytes, the limit is " + std::to_string(kArgumentsBytesMax));
}

Value task_arguments(const FlowBook& book, AtomIndex atom, Intention intention) {
  const auto values = find_task_arguments(book, atom, intention);
  BATON_ASSERT(values.ok());
  return Value::from_stored(arguments_json(*values));
}

}  // namespace baton::engine
