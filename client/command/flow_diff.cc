#include <algorithm>
#include <optional>
#include <ostream>
#include <set>

#include "client/command/flow_files.h"
#include "client/command/printing.h"
#include "client/command/refusal.h"
#include "client/command/stored_flows.h"
#include "client/command/terminal_text.h"
#include "client/command/text_diff.h"
#include "flowfile/changes.h"

namespace baton::client {
namespace {

namespace json = boost::json;

/// One side: its texts, and what flow it is.
struct Side {
  FlowText text;
  flowfile::Bundle bundle;
};

std::variant<Side, Ended> side_of(const Context& context, const std::string& named) {
  auto text = find_flow_text(context, named);
  if (const auto* ended = std::get_if<Ended>(&text)) return *ended;
  auto& found = std::get<FlowText>(text);
  const auto good = flowfile::check_file(found.path, found.read);
  if (!good.ok()) return refuse_flow_file(context, good.error());
  auto bundle = flowfile::gather(found.path, found.read);
  if (!bundle.ok()) return refuse_flow_file(context, bundle.error());
  return Side{std::move(found), std::move(bundle).value()};
}

/// The main files are each other's, whatever they are called.
std::string text_diff(const Side& before, const Side& after) {
  const auto text_in = [](const Side& side, const std::string& path) {
    const auto found = side.bundle.files.find(path);
    return found == side.bundle.files.end() ? std::string() : found->second;
  };
  std::string diff = unified_diff(text_in(before, before.bundle.main), text_in(after, after.bundle.main),
                                  before.text.label, after.text.label);
  std::set<std::string> included;
  for (const Side* side : {&before, &after})
    for (const auto& [path, text] : side->bundle.files)
      if (path != side->bundle.main) included.insert(path);
  for (const auto& path : included)
    diff += unified_diff(text_in(before, path), text_in(after, path), before.text.label + " " + path,
                         after.text.label + " " + path);
  return diff;
}

/// What it takes that is not given here.
std::set<std::string> missing(const Side& side, const std::vector<std::string>& given) {
  std::set<std::string> names;
  const auto about = flowfile::describe_file(side.text.path, side.text.read);
  if (!about.ok()) return names;
  for (const auto& parameter : about->parameters) {
    const bool is_given = std::any_of(given.begin(), given.end(), [&](const std::string& pair) {
      return pair.starts_with(parameter.name + "=");
    });
    if (parameter.required && !is_given) names.insert(parameter.name);
  }
  return names;
}

/// Each side is given those of the parameters that it takes.
std::vector<std::string> taken_by(const Side& side, const std::vector<std::string>& given) {
  std::vector<std::string> taken;
  const auto about = flowfile::describe_file(side.text.path, side.text.read);
  if (!about.ok()) return taken;
  for (const auto& pair : given)
    for (const auto& parameter : about->parameters)
      if (pair.starts_with(parameter.name + "=")) taken.push_back(pair);
  return taken;
}

/// A parameter that neither side takes is a mistake.
std::optional<Ended> refuse_unknown(const Context& context, const std::vector<std::string>& given,
                                    std::initializer_list<const Side*> sides) {
  for (const auto& pair : given) {
    const bool taken = std::any_of(sides.begin(), sides.end(),
                                   [&](const Side* side) { return !taken_by(*side, {pair}).empty(); });
    if (!taken) return refuse_usage(context, "--param " + pair + ": neither of the two has such a parameter");
  }
  return std::nullopt;
}

using Changes = std::vector<flowfile::Change>;

std::variant<Changes, Ended> changes_of(const Context& context, const FlowDiffOptions& options,
                                        const Side& before, const Side& after) {
  std::vector<flowfile::Compiled> flows;
  for (const Side* side : {&before, &after}) {
    auto compiled =
        compile_flow_text(context, side->text, taken_by(*side, options.parameters), options.store);
    if (const auto* ended = std::get_if<Ended>(&compiled)) return *ended;
    flows.push_back(std::get<flowfile::Compiled>(std::move(compiled)));
  }
  return flowfile::changes_between(flows[0], flows[1]);
}

const char* word_of(flowfile::Change::Kind kind) {
  switch (kind) {
    case flowfile::Change::Kind::Added:
      return "added";
    case flowfile::Change::Kind::Removed:
      return "removed";
    case flowfile::Change::Kind::Changed:
      break;
  }
  return "changed";
}

json::value told(const flowfile::Change& change) {
  json::object object{{"change", word_of(change.kind)}, {"what", change.what}, {"name", change.name}};
  if (!change.type.empty()) object["type"] = change.type;
  if (!change.members.empty()) object["members"] = json::array(change.members.begin(), change.members.end());
  return object;
}

void print_changes(std::ostream& out, const Changes& changes) {
  if (changes.empty()) out << "\nThe flow is the same.\n";
  if (!changes.empty()) out << "\nIn the flow:\n";
  for (const auto& change : changes) out << "  " << for_terminal(flowfile::shown(change)) << "\n";
}

void print_missing(std::ostream& out, const std::set<std::string>& names) {
  out << "\nWhat changes in the flow depends on its parameters; give";
  for (const auto& name : names) out << " --param " << for_terminal(name) << "=…";
  out << "\n";
}

/// Either the changes, or what must be given to know them.
Ended print_difference(const Context& context, const Side& before, const Side& after, const std::string& diff,
                       const Changes* changes, const std::set<std::string>& names) {
  if (!context.json) {
    context.out << for_terminal(diff);
    changes ? print_changes(context.out, *changes) : print_missing(context.out, names);
    return Ended::FlowFailed;
  }
  json::object body{
      {"before", before.text.label}, {"after", after.text.label}, {"same", false}, {"diff", diff}};
  if (changes) {
    auto& all = body["changes"].emplace_array();
    for (const auto& change : *changes) all.push_back(told(change));
  } else {
    body["missing_parameters"] = json::array(names.begin(), names.end());
  }
  return print_value(context, body), Ended::FlowFailed;
}

}  // namespace

Ended diff_flows(const Context& context, const FlowDiffOptions& options) {
  const auto before = side_of(context, options.before);
  if (const auto* ended = std::get_if<Ended>(&before)) return *ended;
  const auto after = side_of(context, options.after);
  if (const auto* ended = std::get_if<Ended>(&after)) return *ended;
  const auto &old = std::get<Side>(before), &now = std::get<Side>(after);
  const std::string diff = text_diff(old, now);
  if (diff.empty()) {
    if (context.json)
      print_value(context,
                  json::object{{"before", old.text.label}, {"after", now.text.label}, {"same", true}});
    return Ended::Success;
  }
  if (const auto ended = refuse_unknown(context, options.parameters, {&old, &now})) return *ended;
  auto names = missing(old, options.parameters);
  names.merge(missing(now, options.parameters));
  if (!names.empty()) return print_difference(context, old, now, diff, nullptr, names);
  const auto changes = changes_of(context, options, old, now);
  if (const auto* ended = std::get_if<Ended>(&changes)) return *ended;
  return print_difference(context, old, now, diff, &std::get<Changes>(changes), {});
}

}  // namespace baton::client
