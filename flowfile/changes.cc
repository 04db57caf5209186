#include "flowfile/changes.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <map>

#include "common/model/name_list.h"

namespace baton::flowfile {
namespace {

namespace json = boost::json;

/// A task, a retry or a flow, and what it says, member by member.
struct Part {
  std::string what, name, type;
  std::map<std::string, std::string> members;
};

std::string text_of(const json::object& from, const char* member) {
  const auto* found = from.if_contains(member);
  return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

/// A flow written out, as its parts: by kind and name, in the order of the text.
class Parts {
 public:
  explicit Parts(const Compiled& compiled) : plan_(*compiled.plan) {
    flow(compiled.flow.tree().as_object(), "");
  }
  const std::vector<Part>& all() const { return all_; }
  const Part* find(const Part& like) const {
    const auto found = places_.find({like.what, like.name});
    return found == places_.end() ? nullptr : &all_[found->second];
  }

 private:
  void flow(const json::object& flow, const std::string& around) {
    const std::string name = text_of(flow, "name");
    Part part{"flow", name, {}, {{"flow", around}}};
    for (const auto& [key, value] : flow)
      if (key != "name" && key != "nodes" && key != "retry")
        part.members[std::string(key)] = json::serialize(value);
    add(std::move(part));
    if (const auto* retry = flow.if_contains("retry"); retry && retry->is_object())
      atom("retry", retry->get_object(), name, name + "_retry");
    for (const auto& node : flow.at("nodes").as_array()) {
      const auto* inside = node.as_object().if_contains("flow");
      inside ? this->flow(inside->as_object(), name) : atom("task", node.as_object(), name, {});
    }
  }

  void atom(const char* what, const json::object& atom, const std::string& flow, const std::string& unnamed) {
    Part part{what, text_of(atom, "name"), text_of(atom, "task"), {{"flow", flow}}};
    if (part.name.empty()) part.name = unnamed;
    for (const auto& [key, value] : atom)
      if (key != "name") part.members[key == "task" ? "type" : std::string(key)] = json::serialize(value);
    part.members["order"] = order_of(part.name);
    add(std::move(part));
  }

  std::string order_of(const std::string& atom) const {
    std::vector<std::string> before;
    const AtomIndex index = plan_.find(atom);
    if (index != kNoAtom)
      for (const AtomIndex one : plan_.predecessors(index)) before.push_back(plan_.name(one));
    std::sort(before.begin(), before.end());
    std::string all;
    for (const auto& name : before) all += name + "\n";
    return all;
  }

  /// Flows may share a name: those behind the first are told apart by their number.
  void add(Part part) {
    const std::string name = part.name;
    for (int number = 2; places_.contains({part.what, part.name}); ++number)
      part.name = name + " (" + std::to_string(number) + ")";
    places_[{part.what, part.name}] = all_.size();
    all_.push_back(std::move(part));
  }

  const engine::Plan& plan_;
  std::vector<Part> all_;
  std::map<std::pair<std::string, std::string>, std::size_t> places_;
};

std::vector<std::string> changed_members(const Part& before, const Part& after) {
  std::vector<std::string> changed;
  for (const auto& [key, value] : after.members) {
    const auto old = before.members.find(key);
    if (old == before.members.end() || old->second != value) changed.push_back(key);
  }
  for (const auto& [key, value] : before.members)
    if (!after.members.contains(key)) changed.push_back(key);
  return changed;
}

}  // namespace

std::vector<Change> changes_between(const Compiled& before, const Compiled& after) {
  const Parts old(before), now(after);
  std::vector<Change> changes;
  for (const Part& part : old.all())
    if (!now.find(part)) changes.push_back({Change::Kind::Removed, part.what, part.name, part.type, {}});
  for (const Part& part : now.all()) {
    const Part* was = old.find(part);
    if (!was) {
      changes.push_back({Change::Kind::Added, part.what, part.name, part.type, {}});
    } else if (auto members = changed_members(*was, part); !members.empty()) {
      changes.push_back({Change::Kind::Changed, part.what, part.name, part.type, std::move(members)});
    }
  }
  return changes;
}

std::string shown(const Change& change) {
  const char mark = change.kind == Change::Kind::Added     ? '+'
                    : change.kind == Change::Kind::Removed ? '-'
                                                           : '~';
  std::string text = std::string(1, mark) + " " + change.what + " " + change.name;
  if (!change.type.empty()) text += " (" + change.type + ")";
  if (!change.members.empty()) text += ": " + name_list(change.members);
  return text;
}

}  // namespace baton::flowfile
