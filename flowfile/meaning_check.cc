#include "flowfile/meaning_check.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <vector>

#include "flowfile/limits.h"
#include "flowfile/wording.h"

namespace baton::flowfile {
namespace {

using Kind = Node::Kind;

bool same_place(const Place& a, const Place& b) {
  return a.source == b.source && a.line == b.line && a.column == b.column;
}

std::string line_of(const Place& at, const Place& seen_from) {
  const bool here = at.source == seen_from.source;
  return "line " + std::to_string(at.line) + (here || !at.source ? "" : " of " + at.source->path);
}

std::string text_of(const Node& map, std::string_view key) {
  const Node* found = map.find(key);
  return found && found->is(Kind::Text) ? found->text : "";
}

const Place& place_of_member(const Node& map, std::string_view key) {
  const Node* found = map.find(key);
  return found ? found->at : map.at;
}

const Node* with_text(const Node* list, std::string_view text) {
  if (!list) return nullptr;
  for (const Node& item : list->items)
    if (item.text == text) return &item;
  for (const Member& member : list->members)
    if (member.value.text == text) return &member.value;
  return nullptr;
}

}  // namespace

NameIndex::NameIndex(const Node& flow, Problems& problems) : problems_(problems), file_(flow.at) {
  add_flow(flow, {});
}

void NameIndex::add_atom(const Node& atom, const std::string& name, const Place& at) {
  if (name.empty()) return;  // told with the form
  const auto [first, added] = atoms_.emplace(name, at);
  if (added) {
    nodes_.emplace(name, &atom);
    return;
  }
  const bool one_node = same_place(first->second, at);
  problems_.push_back({at,
                       "the name " + in_quotes(name) + " is used twice, " +
                           (one_node ? "by a for_each or an include that writes it more than once"
                                     : "first in " + line_of(first->second, at)),
                       one_node
                           ? "put the item's $name into it"
                           : "names of tasks and retries are unique in the whole flow; rename one of them"});
}

void NameIndex::add_flow(const Node& flow, std::vector<std::string> path) {
  const std::string name = text_of(flow, "name");
  path.push_back(name);
  flows_.emplace(path, place_of_member(flow, "name"));
  if (const Node* retry = flow.find("retry")) {
    const std::string own = text_of(*retry, "name");
    add_atom(*retry, own.empty() ? name + "_retry" : own, place_of_member(*retry, "name"));
  }
  const Node* nodes = flow.find("nodes");
  if (!nodes) return;
  for (const Node& node : nodes->items) {
    if (const Node* inside = node.find("flow")) {
      add_flow(*inside, path);
    } else {
      add_atom(node, text_of(node, "name"), place_of_member(node, "name"));
      task_types_.emplace(text_of(node, "task"), place_of_member(node, "task"));
    }
  }
  check_links(flow);
}

void NameIndex::check_links(const Node& flow) {
  const Node* links = flow.find("links");
  if (!links || !links->is(Kind::List)) return;
  std::vector<std::string> children;
  for (const Node& node : flow.find("nodes")->items)
    children.push_back(text_of(node.find("flow") ? *node.find("flow") : node, "name"));
  const std::set<std::string> known(children.begin(), children.end());
  std::vector<LinkEnd> unknown;
  for (const Node& link : links->items)
    for (const char* end : {"from", "to"})
      if (const std::string name = text_of(link, end); !name.empty() && !known.contains(name))
        unknown.push_back({place_of_member(link, end), name});
  tell_unknown(std::move(unknown), children);
}

/// Which name was meant is sought in all of the flow's: as often as can be told.
void NameIndex::tell_unknown(std::vector<LinkEnd> ends, const std::vector<std::string>& children) {
  std::stable_sort(ends.begin(), ends.end(), [](const LinkEnd& a, const LinkEnd& b) {
    return std::tie(a.at.line, a.at.column) < std::tie(b.at.line, b.at.column);
  });
  std::map<std::string, std::string> hints;
  for (const auto& [at, name] : ends) {
    if (hints.size() < kProblemsMax && !hints.contains(name))
      hints[name] = known_hint(name, children) + "; what is deeper inside is linked by the flow around it";
    problems_.push_back(
        {at, "a link to " + in_quotes(name) + ", which is no node of this flow", hints[name]});
  }
}

Place NameIndex::place_of(const engine::FlowError::Lack& lack) const {
  const auto found = nodes_.find(lack.atom);
  if (found == nodes_.end()) return file_;
  const Node& node = *found->second;
  for (const char* list : {"rebind", "requires", "revert_requires"})
    if (const Node* taken = with_text(node.find(list), lack.symbol)) return taken->at;
  return node.at;
}

Place NameIndex::place_of(const engine::FlowError& error) const {
  const auto atom = atoms_.find(error.atom);
  if (atom != atoms_.end()) return atom->second;
  const auto flow = flows_.find(error.flows);
  return flow == flows_.end() ? file_ : flow->second;
}

Problems NameIndex::problems_of(const engine::FlowError& error) const {
  if (error.lacks.empty()) return {{place_of(error), error.what, error.hint}};
  Problems problems;
  for (const auto& lack : error.lacks) problems.push_back({place_of(lack), lack.what, lack.hint});
  return problems;
}

}  // namespace baton::flowfile
