#include "tests/conformance/case.h"

#include <stdexcept>

#include "engine/json_view.h"

namespace baton::conformance {
namespace {

using engine::JsonView;

[[noreturn]] void refuse(const std::string& what) {
  throw std::runtime_error(what);
}

Script parse_script(const JsonView& json) {
  Script script;
  for (const auto& [key, value] : json.members()) {
    if (key == "fail_first") {
      script.fail_first = static_cast<std::size_t>(value.integer().value());
    } else if (key == "revert_fail_first") {
      script.revert_fail_first = static_cast<std::size_t>(value.integer().value());
    } else if (key == "result") {
      script.echo = value.raw() == "\"echo\"";
      script.result = value.value();
    } else if (key == "result_seq") {
      for (const JsonView& item : value.items()) script.result_seq.push_back(item.value());
    } else if (key == "slow") {
      script.slow_seconds = value.number();
    } else {
      refuse("unknown member of a script: " + key);
    }
  }
  return script;
}

Point parse_point(const JsonView& json) {
  Point point;
  for (const auto& [key, value] : json.members()) {
    if (key == "atom") {
      point.atom = value.text();
    } else if (key == "state") {
      const auto state = atom_state_from(value.text());
      if (!state) refuse("unknown state " + value.text());
      point.state = *state;
    } else if (key == "nth") {
      point.nth = static_cast<std::size_t>(value.integer().value());
    } else if (key != "after") {
      refuse("unknown member of a point: " + key);
    }
  }
  if (point.atom.empty()) refuse("a point without an atom");
  return point;
}

std::vector<Point> parse_points(const JsonView& json) {
  if (json.kind() == JsonView::Kind::Object) return {parse_point(json)};
  std::vector<Point> points;
  for (const JsonView& item : json.items()) points.push_back(parse_point(item));
  return points;
}

void parse_options(const JsonView& json, engine::Options& options) {
  for (const auto& [key, value] : json.members()) {
    if (key == "defer_reverts") {
      options.defer_reverts = value.boolean();
    } else if (key == "never_resolve") {
      options.never_resolve = value.boolean();
    } else if (key != "inject_transient") {  // where TaskFlow keeps injected values; no effect here
      refuse("unknown option " + key);
    }
  }
}

}  // namespace

Case parse_case(const std::string& line) {
  const auto text = Value::parse(line, line.size());
  if (!text) refuse("not JSON: " + text.error().message);
  Case one;
  for (const auto& [key, value] : JsonView(*text).members()) {
    if (key == "id") one.id = value.text();
    if (key == "title") one.title = value.text();
    if (key == "flow") one.flow = value.value();
    if (key == "store")
      for (const auto& [symbol, stored] : value.members()) one.store.emplace(symbol, stored.value());
    if (key == "script")
      for (const auto& [atom, script] : value.members()) one.script.emplace(atom, parse_script(script));
    if (key == "options") parse_options(value, one.options);
    if (key == "crash") one.crashes = parse_points(value);
    if (key == "suspend") one.suspends = parse_points(value);
    if (key == "runs") one.runs = static_cast<std::size_t>(value.integer().value());
    if (key == "concurrent") one.concurrent = value.boolean();
    if (key == "tags")
      for (const JsonView& tag : value.items()) one.tags.insert(tag.text());
    if (key == "expect") one.expect = value.value().tree().as_object();
  }
  if (one.id.empty() || one.flow.is_null() || one.expect.empty()) refuse("needs id, flow and expect");
  return one;
}

}  // namespace baton::conformance
