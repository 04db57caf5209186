#include "tests/conformance/case.h"

#include <array>
#include <limits>
#include <stdexcept>

#include "engine/json_fields.h"
#include "tests/conformance/expectation.h"

namespace baton::conformance {
namespace {

using engine::FirstProblem;
using engine::JsonFields;
using Kind = JsonView::Kind;
using Names = std::string_view;

constexpr std::array<Names, 13> kCase{"id",      "title",  "flow", "store",      "script", "options", "crash",
                                      "suspend", "cancel", "runs", "concurrent", "tags",   "expect"};
constexpr std::array<Names, 6> kScript{"fail_first", "revert_fail_first", "silent_first",
                                       "result",     "result_seq",        "slow"};
constexpr std::array<Names, 5> kCancel{"atom", "state", "nth", "after", "keep"};
constexpr std::array<Names, 4> kPoint{"atom", "state", "nth", "after"};
constexpr std::array<Names, 3> kOptions{"defer_reverts", "never_resolve", "inject_transient"};
constexpr std::int64_t kCountMax = 1'000'000'000;
constexpr std::int64_t kRunsMax = 1'000;
constexpr double kSlowSecondsMax = 3600;

std::size_t count(const JsonFields& fields, std::string_view member, std::int64_t fallback,
                  std::int64_t min) {
  return static_cast<std::size_t>(fields.integer(member, fallback, min, kCountMax));
}

/// Unlike JsonFields::find it tells null from absence.
std::optional<Value> value_of(const JsonView& object, std::string_view member) {
  const auto found = object.at(member);
  return found ? std::optional(found->value()) : std::nullopt;
}

class CaseReader {
 public:
  Case read(const JsonView& json) {
    const JsonFields fields(problem_, json, "case", kCase);
    if (problem_.any()) return {};
    Case one;
    one.id = fields.text("id");
    one.title = fields.text_or_empty("title");
    if (auto flow = value_of(json, "flow")) one.flow = *std::move(flow);
    if (!json.at("flow")) problem_.add("case", "needs the member \"flow\"");
    for (auto& [symbol, value] : fields.values("store")) one.store.emplace(symbol, std::move(value));
    read_scripts(fields, one);
    if (const auto found = fields.find("options")) one.options = options(*found);
    one.crashes = points(fields, "crash");
    one.suspends = points(fields, "suspend");
    read_cancel(fields, one);
    one.runs = static_cast<std::size_t>(fields.integer("runs", 1, 1, kRunsMax));
    one.concurrent = fields.boolean("concurrent", false);
    for (auto& tag : fields.texts("tags")) one.tags.insert(std::move(tag));
    if (const auto found = fields.find("expect")) {
      check_expectation(problem_, *found, "expect");
      if (!problem_.any()) one.expect = found->value().tree().as_object();
    } else {
      problem_.add("case", "needs the member \"expect\"");
    }
    return one;
  }

  std::optional<engine::FlowError> problem() const { return problem_.error(); }

 private:
  void read_cancel(const JsonFields& fields, Case& one) {
    const auto found = fields.find("cancel");
    if (!found) return;
    if (!one.crashes.empty() || !one.suspends.empty())
      return fields.refuse("cancel", "cannot be told together with crash or suspend");
    const JsonFields cancel(problem_, *found, "cancel", kCancel);
    one.cancel = CancelPoint{point(cancel), cancel.boolean("keep", false)};
  }

  void read_scripts(const JsonFields& fields, Case& one) {
    const auto found = fields.find("script", Kind::Object);
    if (!found) return;
    for (const auto& [atom, json] : found->members())
      one.script.emplace(atom, script(json, "script." + quoted(atom)));
  }

  Script script(const JsonView& json, const std::string& place) {
    const JsonFields fields(problem_, json, place, kScript);
    Script script;
    if (problem_.any()) return script;
    script.fail_first = count(fields, "fail_first", 0, 0);
    script.revert_fail_first = count(fields, "revert_fail_first", 0, 0);
    script.silent_first = count(fields, "silent_first", 0, 0);
    script.slow_seconds = fields.number("slow", 0, 0, kSlowSecondsMax);
    if (auto result = value_of(json, "result")) {
      script.echo = result->json() == "\"echo\"";
      script.result = *std::move(result);
    }
    const auto sequence = fields.find("result_seq", Kind::Array);
    if (!sequence) return script;
    for (const JsonView& item : sequence->items()) script.result_seq.push_back(item.value());
    if (script.result_seq.empty()) fields.refuse("result_seq", "must hold a result");
    return script;
  }

  CaseOptions options(const JsonView& json) {
    const JsonFields fields(problem_, json, "options", kOptions);
    fields.boolean("inject_transient", true);
    return {fields.boolean("defer_reverts", false), fields.boolean("never_resolve", false)};
  }

  std::vector<Point> points(const JsonFields& fields, std::string_view member) {
    const auto found = fields.find(member);
    if (!found) return {};
    const std::string place(member);
    if (found->kind() != Kind::Array) return {point(*found, place)};
    std::vector<Point> points;
    for (const JsonView& item : found->items())
      points.push_back(point(item, place + "[" + std::to_string(points.size()) + "]"));
    return points;
  }

  Point point(const JsonView& json, const std::string& place) {
    return point(JsonFields(problem_, json, place, kPoint));
  }

  Point point(const JsonFields& fields) {
    Point point;
    point.atom = fields.text("atom");
    const std::string name = fields.text("state");
    const auto state = atom_state_from(name);
    if (!state) fields.refuse("state", "no atom is ever " + quoted(name));
    point.state = state.value_or(AtomState::Pending);
    point.nth = count(fields, "nth", 1, 1);
    count(fields, "after", 1, 1);  // says the same once more
    return point;
  }

  FirstProblem problem_;
};

}  // namespace

Case parse_case(const std::string& line) {
  const auto text = Value::parse(line, line.size());
  if (!text) throw std::runtime_error("not JSON: " + text.error().message);
  CaseReader reader;
  Case one = reader.read(JsonView(*text));
  if (const auto problem = reader.problem()) throw std::runtime_error("no case: " + problem->message);
  return one;
}

}  // namespace baton::conformance
