#include "engine/json_fields.h"

#include <sstream>

#include "engine/flow_error.h"

namespace baton::engine {
namespace {

std::string listed(std::span<const std::string_view> names) {
  std::string text;
  for (const auto name : names) text += (text.empty() ? "" : ", ") + std::string(name);
  return text;
}

std::string shown(double number) {
  std::ostringstream text;
  text << number;
  return text.str();
}

}  // namespace

void FirstProblem::add(std::string_view where, std::string_view what) {
  if (!wrong) wrong = std::string(where) + ": " + std::string(what);
}

void FirstProblem::add_unknown(std::string_view where, std::string_view what) {
  if (!unknown) unknown = std::string(where) + ": " + std::string(what);
}

std::optional<FlowError> FirstProblem::error() const {
  if (unknown) return flow_error("build", "Unsupported", {}, {*unknown});
  if (wrong) return flow_error("build", "Invalid", {}, {*wrong});
  return std::nullopt;
}

JsonFields::JsonFields(FirstProblem& problem, JsonView object, std::string place,
                       std::span<const std::string_view> known)
    : problem_(problem), place_(std::move(place)) {
  if (object.kind() != JsonView::Kind::Object) {
    problem_.add(place_, "must be an object, not " + std::string(to_string(object.kind())));
    return;
  }
  members_ = object.members();
  for (const auto& member : members_)
    if (std::find(known.begin(), known.end(), member.key) == known.end())
      problem_.add_unknown(place_, "unknown member " + quoted(member.key) + "; known: " + listed(known));
}

std::optional<JsonView> JsonFields::find(std::string_view member) const {
  for (const auto& each : members_)
    if (each.key == member && each.value.kind() != JsonView::Kind::Null) return each.value;
  return std::nullopt;
}

std::optional<JsonView> JsonFields::find(std::string_view member, JsonView::Kind kind) const {
  const auto found = find(member);
  if (!found || found->kind() == kind) return found;
  refuse(member,
         "must be " + std::string(to_string(kind)) + ", not " + std::string(to_string(found->kind())));
  return std::nullopt;
}

void JsonFields::refuse(std::string_view member, std::string_view what) const {
  problem_.add(place_of(member), what);
}

std::string JsonFields::text(std::string_view member) const {
  if (!find(member)) {
    problem_.add(place_, "needs the member " + quoted(member));
    return {};
  }
  return text_or_empty(member);
}

std::string JsonFields::text_or_empty(std::string_view member) const {
  const auto found = find(member, JsonView::Kind::String);
  return found ? found->text() : std::string();
}

std::vector<std::string> JsonFields::texts(std::string_view member) const {
  std::vector<std::string> texts;
  const auto found = find(member, JsonView::Kind::Array);
  if (!found) return texts;
  for (const JsonView& item : found->items()) {
    if (item.kind() != JsonView::Kind::String) {
      refuse(member, "must be an array of strings; item " + std::to_string(texts.size()) + " is " +
                         std::string(to_string(item.kind())));
      return {};
    }
    texts.push_back(item.text());
  }
  return texts;
}

std::map<std::string, std::string> JsonFields::text_map(std::string_view member) const {
  std::map<std::string, std::string> map;
  const auto found = find(member, JsonView::Kind::Object);
  if (!found) return map;
  for (const auto& [key, value] : found->members()) {
    if (value.kind() != JsonView::Kind::String) {
      refuse(member,
             "must be an object of strings; " + quoted(key) + " is " + std::string(to_string(value.kind())));
      return {};
    }
    map.emplace(key, value.text());
  }
  return map;
}

std::map<std::string, Value> JsonFields::values(std::string_view member) const {
  std::map<std::string, Value> map;
  if (const auto found = find(member, JsonView::Kind::Object))
    for (const auto& [key, value] : found->members()) map.emplace(key, value.value());
  return map;
}

std::int64_t JsonFields::integer(std::string_view member, std::int64_t fallback, std::int64_t min,
                                 std::int64_t max) const {
  const auto found = find(member, JsonView::Kind::Number);
  if (!found) return fallback;
  const auto number = found->integer();
  if (number && *number >= min && *number <= max) return *number;
  refuse(member, "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max) +
                     ", not " + std::string(found->raw()));
  return fallback;
}

double JsonFields::number(std::string_view member, double fallback, double min, double max) const {
  const auto found = find(member, JsonView::Kind::Number);
  if (!found) return fallback;
  const double number = found->number();
  if (number >= min && number <= max) return number;
  refuse(member, "must be from " + shown(min) + " to " + shown(max) + ", not " + std::string(found->raw()));
  return fallback;
}

bool JsonFields::boolean(std::string_view member, bool fallback) const {
  const auto found = find(member, JsonView::Kind::Bool);
  return found ? found->boolean() : fallback;
}

std::optional<Millis> JsonFields::millis(std::string_view member) const {
  static constexpr std::int64_t kTenYears = std::int64_t{10} * 366 * 24 * 3600 * 1000;
  if (!find(member)) return std::nullopt;
  return Millis(integer(member, 1, 1, kTenYears));
}

}  // namespace baton::engine
