#include "flowfile/picture.h"

#include <algorithm>
#include <functional>
#include <map>
#include <vector>

#include "engine/plan_data.h"

namespace baton::flowfile {
namespace {

using engine::AtomKind;
using engine::FlowIndex;
using engine::NodeIndex;
using engine::Pattern;
using engine::PlanData;
using engine::RetryPolicy;

constexpr const char* order_words(Pattern pattern) {
  switch (pattern) {
    case Pattern::Linear:
      return "one after the other";
    case Pattern::Unordered:
      return "all at once";
    case Pattern::Graph:
      return "as linked";
  }
  return "";
}

std::string policy_words(const engine::RetrySpec& retry) {
  switch (retry.policy) {
    case RetryPolicy::Times:
      return "retry: at most " + std::to_string(retry.attempts) +
             (retry.attempts == 1 ? " attempt" : " attempts");
    case RetryPolicy::ForEach:
      return "retry: one attempt for each of " + std::to_string(retry.values.size()) + " values";
    case RetryPolicy::ParameterizedForEach:
      return "retry: one attempt for each of the values that it gets";
    case RetryPolicy::AlwaysRevert:
      return "reverts at a failure";
    case RetryPolicy::AlwaysRevertAll:
      return "reverts all at a failure";
    case RetryPolicy::Timeout:
      return "retry: until its time is over";
    case RetryPolicy::User:
      return "retry: " + retry.user_policy;
  }
  return "";
}

std::string retry_words(const engine::RetrySpec& retry) {
  return policy_words(retry) + (retry.revert_all ? ", then reverts all" : "");
}

std::string decider_words(const engine::When& when) {
  switch (when.kind) {
    case engine::When::Kind::ResultOfEquals:
      return "if " + when.result_of + " gave " + std::string(when.equals.json());
    case engine::When::Kind::Const:
      return when.constant ? "always" : "never";
    case engine::When::Kind::Raise:
      return "fails";
  }
  return "";
}

/// Children of flows, and the words of both kinds of picture.
class Drawing {
 public:
  explicit Drawing(const engine::Plan& plan) : plan_(plan.data()), children_(plan_.flows.size()) {
    for (FlowIndex flow = 1; flow < plan_.flows.size(); ++flow)
      children_[plan_.flows[flow].parent].emplace_back(plan_.flows[flow].first, flow);
    for (AtomIndex atom = 0; atom < plan_.atoms.size(); ++atom)
      if (plan_.is_task(atom)) children_[plan_.atoms[atom].flow].emplace_back(atom, engine::kNoFlow);
    for (auto& children : children_) std::stable_sort(children.begin(), children.end(), by_place);
    for (const auto& decider : plan_.deciders)
      deciders_.emplace(engine::Edge(decider.from, decider.to), &decider);
  }

 protected:
  /// A task (its place is its number), or a flow whose first atom has that number.
  using Child = std::pair<AtomIndex, FlowIndex>;
  static bool by_place(const Child& a, const Child& b) {
    if (a.first != b.first) return a.first < b.first;
    return a.second < b.second;  // empty flows stand before what has the same number
  }

  bool is_task(const Child& child) const { return child.second == engine::kNoFlow; }
  const engine::TaskSpec& task(AtomIndex atom) const { return plan_.tasks[plan_.atoms[atom].spec]; }
  const engine::RetrySpec& retry(AtomIndex atom) const { return plan_.retries[plan_.atoms[atom].spec]; }
  const engine::Decider* decider_of(const engine::Edge& edge) const {
    const auto found = deciders_.find(edge);
    return found == deciders_.end() ? nullptr : found->second;
  }

  const PlanData& plan_;
  std::vector<std::vector<Child>> children_;
  std::map<engine::Edge, const engine::Decider*> deciders_;
  std::string text_;
};

std::string with_escapes(std::string_view text, const std::map<char, std::string>& escapes) {
  std::string escaped;
  for (const char c : text) {
    const auto found = escapes.find(c);
    if (found == escapes.end())
      escaped += c;
    else
      escaped += found->second;
  }
  return escaped;
}

class Dot : protected Drawing {
 public:
  using Drawing::Drawing;

  std::string run() {
    text_ =
        "digraph {\n  compound=true; node [shape=box, fontname=\"Helvetica\", fontsize=11]; edge "
        "[fontname=\"Helvetica\", fontsize=9]\n";
    flow(0, "  ");
    for (const auto& edge : plan_.edges) draw(edge);
    return text_ + "}\n";
  }

 private:
  static std::string in_quotes(std::string_view text) {
    return "\"" + with_escapes(text, {{'"', "\\\""}, {'\\', "\\\\"}, {'\n', " "}}) + "\"";
  }
  static std::string two_lines(std::string_view first, std::string_view second) {
    const std::map<char, std::string> escapes{{'"', "\\\""}, {'\\', "\\\\"}, {'\n', " "}};
    return "\"" + with_escapes(first, escapes) + "\\n" + with_escapes(second, escapes) + "\"";
  }

  void flow(FlowIndex index, const std::string& indent) {
    const auto& flow = plan_.flows[index];
    text_ += indent + "subgraph cluster_" + std::to_string(index) + " {\n";
    const std::string inner = indent + "  ";
    text_ += inner + "label=" + in_quotes(flow.name + ": " + order_words(flow.pattern)) +
             "; fontname=\"Helvetica\"; fontsize=11; labeljust=l; color=gray60; style=rounded\n";
    for (const NodeIndex node : {plan_.start_of(index), plan_.end_of(index)})
      text_ += inner + "n" + std::to_string(node) + " [shape=point, label=\"\"]\n";
    if (flow.retry != kNoAtom)
      text_ += inner + "n" + std::to_string(flow.retry) +
               " [shape=diamond, label=" + two_lines(plan_.name(flow.retry), retry_words(retry(flow.retry))) +
               "]\n";
    for (const Child& child : children_[index]) {
      if (!is_task(child)) {
        this->flow(child.second, inner);
        continue;
      }
      const auto& spec = task(child.first);
      text_ += inner + "n" + std::to_string(child.first) + " [label=" + two_lines(spec.name, spec.type) +
               (spec.irreversible ? ", peripheries=2" : "") + "]\n";
    }
    text_ += indent + "}\n";
  }

  void draw(const engine::Edge& edge) {
    text_ += "  n" + std::to_string(edge.first) + " -> n" + std::to_string(edge.second);
    if (const auto* decider = decider_of(edge))
      text_ += " [style=dashed, label=" + in_quotes(decider_words(decider->when)) + "]";
    text_ += "\n";
  }
};

class Mermaid : protected Drawing {
 public:
  using Drawing::Drawing;

  std::string run() {
    text_ = "flowchart TB\n";
    flow(0, "  ");
    for (const auto& [from, to] : plan_.edges) {
      const auto* decider = decider_of({from, to});
      text_ += "  n" + std::to_string(from) +
               (decider ? " -. " + in_quotes(decider_words(decider->when)) + " .-> n" : " --> n") +
               std::to_string(to) + "\n";
    }
    return text_;
  }

 private:
  static std::string escaped(std::string_view text) {
    return with_escapes(text, {{'"', "#quot;"}, {'#', "#35;"}, {'<', "#lt;"}, {'>', "#gt;"}, {'\n', " "}});
  }
  static std::string in_quotes(std::string_view text) { return "\"" + escaped(text) + "\""; }

  void flow(FlowIndex index, const std::string& indent) {
    const auto& flow = plan_.flows[index];
    text_ += indent + "subgraph f" + std::to_string(index) + "[" +
             in_quotes(flow.name + ": " + order_words(flow.pattern)) + "]\n";
    const std::string inner = indent + "  ";
    for (const NodeIndex node : {plan_.start_of(index), plan_.end_of(index)})
      text_ += inner + "n" + std::to_string(node) + "(( ))\n";
    if (flow.retry != kNoAtom)
      text_ += inner + "n" + std::to_string(flow.retry) + "{\"" + escaped(plan_.name(flow.retry)) + "<br>" +
               escaped(retry_words(retry(flow.retry))) + "\"}\n";
    for (const Child& child : children_[index]) {
      if (!is_task(child)) {
        this->flow(child.second, inner);
        continue;
      }
      const auto& spec = task(child.first);
      const char* const* border = spec.irreversible ? kDouble : kSingle;
      text_ += inner + "n" + std::to_string(child.first) + border[0] + "\"" + escaped(spec.name) + "<br>" +
               escaped(spec.type) + "\"" + border[1] + "\n";
    }
    text_ += indent + "end\n";
  }

  static constexpr const char* kSingle[] = {"[", "]"};
  static constexpr const char* kDouble[] = {"[[", "]]"};
};

class Ascii : protected Drawing {
 public:
  explicit Ascii(const engine::Plan& plan) : Drawing(plan), names_(plan_.node_count()) {
    for (FlowIndex flow = 0; flow < plan_.flows.size(); ++flow)
      names_[plan_.start_of(flow)] = names_[plan_.end_of(flow)] = plan_.flows[flow].name;
    for (AtomIndex atom = 0; atom < plan_.atoms.size(); ++atom) names_[atom] = plan_.name(atom);
  }

  std::string run() {
    text_ = head(0) + "\n";
    children(0, "");
    return text_;
  }

 private:
  std::string head(FlowIndex index) const {
    const auto& flow = plan_.flows[index];
    return flow.name + "  (" + order_words(flow.pattern) +
           (flow.retry == kNoAtom ? "" : "; " + retry_words(retry(flow.retry))) + ")";
  }

  /// What a child of a graph flow comes after, and on what condition.
  std::string after(FlowIndex around, NodeIndex head) const {
    if (plan_.flows[around].pattern != Pattern::Graph) return {};
    std::string words;
    for (const NodeIndex before : plan_.predecessors.of(head)) {
      if (before == plan_.start_of(around) || before == plan_.flows[around].retry) continue;
      const auto* decider = decider_of({before, head});
      words += (words.empty() ? "  after " : ", ") + names_[before] +
               (decider ? " (" + decider_words(decider->when) + ")" : "");
    }
    return words;
  }

  std::string task_line(AtomIndex atom) const {
    const auto& spec = task(atom);
    return spec.name + (spec.name == spec.type ? "" : "  " + spec.type) +
           (spec.irreversible ? "  IRREVERSIBLE" : "") + after(plan_.atoms[atom].flow, atom);
  }

  void children(FlowIndex index, const std::string& indent) {
    for (const Child& child : children_[index]) {
      const bool last = &child == &children_[index].back();
      text_ += indent + (last ? "`- " : "|- ");
      if (is_task(child)) {
        text_ += task_line(child.first) + "\n";
        continue;
      }
      text_ += head(child.second) + after(index, plan_.start_of(child.second)) + "\n";
      children(child.second, indent + (last ? "   " : "|  "));
    }
  }

  std::vector<std::string> names_;  // of nodes
};

}  // namespace

std::string dot_picture(const engine::Plan& plan) {
  return Dot(plan).run();
}
std::string mermaid_picture(const engine::Plan& plan) {
  return Mermaid(plan).run();
}
std::string ascii_picture(const engine::Plan& plan) {
  return Ascii(plan).run();
}

}  // namespace baton::flowfile
