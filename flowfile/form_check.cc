#include "flowfile/form_check.h"

#include "flowfile/condition.h"
#include "flowfile/form_report.h"
#include "flowfile/grammar.h"
#include "flowfile/member_check.h"
#include "flowfile/scope.h"
#include "flowfile/wording.h"

namespace baton::flowfile {
namespace {

using Kind = Node::Kind;

constexpr const char* kNodeHint = "a node is one of {task: …, name: …}, {flow: {…}}, {include: file.yaml}";

/// Flows, their nodes and links; what the members of each may be is MemberCheck's.
class FormCheck {
 public:
  FormCheck(Stage stage, Problems& problems) : stage_(stage), report_(problems), members_(stage, report_) {}

  bool run(const Node& file) {
    if (!file.is(Kind::Map)) {
      report_.refuse_broken(file.at, "a flow file is a mapping, not " + std::string(kind_name(file)),
                            "it has at least name, pattern and nodes");
      return false;
    }
    flow(file, shapes::kFile);
    return !report_.broken();
  }

 private:
  void flow(const Node& node, const Shape& its_shape) {
    members_.check(node, its_shape);
    const Node* pattern = node.find("pattern");
    const std::string around =
        pattern && pattern->is(Kind::Text) && !members_.open(*pattern) ? pattern->text : "";
    if (const Node* nodes = node.find("nodes");
        nodes && members_.is_kind(*nodes, Kind::List, *its_shape.find("nodes")))
      for (const Node& item : nodes->items) this->node(item, around);
    if (const Node* links = node.find("links")) this->links(*links, around);
  }

  void links(const Node& links, const std::string& pattern) {
    if (!members_.is_kind(links, Kind::List, *shapes::kFlow.find("links"))) return;
    if (!pattern.empty() && pattern != "graph" && stage_ == Stage::Written)
      report_.refuse_broken(
          links.at, "only graph flows take links, this one is " + pattern,
          "make its pattern graph, or order its nodes by nesting linear and unordered flows");
    for (const Node& link : links.items) {
      if (link.find("depth") && !link.find("when"))
        report_.refuse(link.member("depth")->at, "a link with a depth but no condition",
                       "add 'when', or leave 'depth' out");
      if (link.is(Kind::Map))
        members_.check(link, shapes::kLink);
      else
        report_.refuse(link.at, "a link is a mapping {from, to}, not " + std::string(kind_name(link)));
    }
  }

  void node(const Node& node, const std::string& pattern) {
    if (!node.is(Kind::Map))
      return report_.refuse_broken(node.at,
                                   "a node is a mapping, not " + std::string(kind_name(node)) +
                                       (node.is(Kind::Text) ? " like " + shown_value(node) : ""),
                                   kNodeHint);
    const Shape* its_shape = shape_of(node);
    if (!its_shape) return;
    members_.check(node, *its_shape);
    if (const Node* inside = node.find("flow"); inside && !inside->told)
      if (members_.is_kind(*inside, Kind::Map, *shapes::kNested.find("flow"))) flow(*inside, shapes::kFlow);
    repeated(node, pattern);
    if (const Node* when = node.find("when")) condition(*when, pattern);
  }

  /// By the word that it is written with; nullptr: none or two, which is told.
  const Shape* shape_of(const Node& node) {
    const Shape* found = nullptr;
    for (const Shape* each : {&shapes::kTask, &shapes::kNested, &shapes::kInclude}) {
      const std::string_view word = each->rules.front().name;
      if (!node.member(word)) continue;
      if (found) return two_kinds(node, found->rules.front().name, word), nullptr;
      found = each;
    }
    if (!found) no_kind(node);
    return found;
  }

  void two_kinds(const Node& node, std::string_view one, std::string_view other) {
    report_.refuse_broken(node.member(other)->at,
                          "a node is either a '" + std::string(one) + "' or a '" + std::string(other) + "'",
                          "make two nodes of it");
  }

  void no_kind(const Node& node) {
    if (node.told) return report_.set_broken();
    if (node.member("pattern") || node.member("nodes"))
      return report_.refuse_broken(node.at, "a flow inside a flow stands under the key 'flow'",
                                   "write '- flow:' and indent it");
    const bool one = node.members.size() == 1 && node.members.front().value.is(Kind::Map);
    report_.refuse_broken(node.at, "the node is neither a task nor a flow nor an include",
                          one ? "is " + in_quotes(node.members.front().key) +
                                    " a task type? write {task: " + node.members.front().key + ", name: …}"
                              : kNodeHint);
  }

  void repeated(const Node& node, const std::string& pattern) {
    const Node* each = node.find("for_each");
    if (each) for_each(*each);
    const Member* width = node.member("width");
    if (!width) return;
    if (!each)
      report_.refuse(width->at, "'width' without 'for_each'", "it says how many of a for_each run at once");
    else if (!pattern.empty() && pattern != "unordered")
      report_.refuse(width->at, "'width' in a " + pattern + " flow",
                     pattern == "linear" ? "there one runs after the other anyway"
                                         : "put the for_each into an unordered flow");
  }

  void for_each(const Node& each) {
    if (!each.is(Kind::Map) || each.members.size() != 1)
      return report_.refuse_broken(each.at, "'for_each' names one list: " + shown_value(each),
                                   "write for_each: {node: $nodes}");
    const auto& [name, at, list] = each.members.front();
    if (!is_name(name))
      report_.refuse_broken(at, in_quotes(name) + " is no name",
                            "letters, digits and '_', not a digit first: it is used as $name");
    if (!list.is(Kind::List) && !members_.open_whole(list))
      report_.refuse_broken(list.is(Kind::Null) ? at : list.at,
                            "'for_each' goes through a list, this is " + std::string(kind_name(list)) +
                                (list.is(Kind::Null) ? "" : " like " + shown_value(list)),
                            list.is(Kind::Text) ? "a parameter of type list is written $name" : "");
  }

  void condition(const Node& when, const std::string& pattern) {
    if (!is_decided_later(when)) {
      const auto before = report_.problems().size();
      check_condition(when, report_.problems());
      if (report_.problems().size() > before) report_.set_broken();
      return;
    }
    members_.decider(when);
    if (!pattern.empty() && pattern != "graph")
      report_.refuse_broken(
          when.at, "a condition on a result in a " + pattern + " flow",
          "only graph flows decide while they run: make its pattern graph, or let 'when' look at parameters");
  }

  const Stage stage_;
  FormReport report_;
  MemberCheck members_;
};

}  // namespace

bool check_form(const Node& file, Stage stage, Problems& problems) {
  return FormCheck(stage, problems).run(file);
}

}  // namespace baton::flowfile
