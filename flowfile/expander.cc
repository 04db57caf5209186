#include "flowfile/expander.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "flowfile/condition.h"
#include "flowfile/duration.h"
#include "flowfile/grammar.h"
#include "flowfile/limits.h"
#include "flowfile/wording.h"

namespace baton::flowfile {

struct Expander::Around {
  std::string pattern;
  Node nodes, links;
  std::set<std::string> left_out;  // names of nodes that are not wanted
};

namespace {

using Kind = Node::Kind;

Node number_node(std::int64_t number, const Place& at) {
  Node node = text_node(std::to_string(number), at);
  node.kind = Kind::Number;
  return node;
}

/// "heartbeat: 30s" becomes "heartbeat_ms: 30000", here and in the mappings inside.
void write_millis(Node& map, const Shape& shape) {
  for (Member& member : map.members) {
    const Rule* rule = shape.find(member.key);
    if (!rule || rule->form != Form::Duration) continue;
    const auto millis = member.value.is(Kind::Text) ? read_duration(member.value.text) : std::nullopt;
    if (!millis) continue;  // told when the expanded form is checked
    member.key += kMillisEnd;
    member.value = number_node(millis->count(), member.value.at);
  }
}

void write_all_millis(Node& node) {
  for (Member& member : node.members) {
    if (member.key == "timeouts") write_millis(member.value, shapes::kTimeouts);
    if (member.key != "retry") continue;
    write_millis(member.value, shapes::kRetry);
    for (Member& inside : member.value.members)
      if (inside.key == "backoff") write_millis(inside.value, shapes::kBackoff);
  }
}

void add_texts(const Node* list, std::set<std::string_view>& texts) {
  if (!list) return;
  for (const Node& item : list->items) texts.insert(item.text);
  for (const Member& member : list->members) texts.insert(member.value.text);
}

/// Symbols that it takes as arguments, and arguments that have another name than theirs.
std::set<std::string_view> taken_by(const Node& task) {
  std::set<std::string_view> asked;
  for (const char* list : {"requires", "rebind", "revert_requires"}) add_texts(task.find(list), asked);
  if (const Node* rebind = task.find("rebind"))
    for (const Member& member : rebind->members) asked.insert(member.key);
  return asked;
}

/// In a file an injected value is an argument; in the posting's flow it is a symbol that somebody must
/// require.
void require_injected(Node& task) {
  const Node* inject = task.find("inject");
  if (!inject || !inject->is(Kind::Map)) return;
  Node required = task.find("requires") ? *task.find("requires") : list_node(inject->at);
  if (!required.is(Kind::List)) return;
  const auto asked = taken_by(task);
  for (const Member& member : inject->members)
    if (!asked.contains(member.key)) required.items.push_back(text_node(member.key, member.at));
  if (!required.items.empty()) task.set("requires", std::move(required));
}

bool is_wrapper(std::string_view key) {
  return key == "for_each" || key == "width" || key == "when";
}

Node nested(Node flow) {
  Node node = map_node(flow.at);
  node.set("flow", std::move(flow));
  return node;
}

std::string name_of_made(const Node& node) {
  const Node* inside = node.find("flow");
  const Node* name = (inside ? *inside : node).find("name");
  return name ? name->text : std::string();
}

/// At most `width` at once: that many lanes, each linear, which take the items in turn.
std::vector<Node> in_lanes(std::vector<Node> made, std::size_t width, const std::string& name,
                           const Place& at) {
  if (made.size() <= width) return made;
  std::vector<Node> lanes;
  for (std::size_t lane = 0; lane < width; ++lane) {
    Node flow = map_node(at), nodes = list_node(at);
    for (std::size_t i = lane; i < made.size(); i += width) nodes.items.push_back(std::move(made[i]));
    flow.set("name", text_node(name + "-lane-" + std::to_string(lane + 1), at));
    flow.set("pattern", text_node("linear", at));
    flow.set("nodes", std::move(nodes));
    lanes.push_back(nested(std::move(flow)));
  }
  return lanes;
}

}  // namespace

bool Expander::too_many(const Place& at) {
  if (!stopped_ && depth_ > kNestingMax) {
    stopped_ = true;
    problems_.push_back({at,
                         "flows are nested deeper than " + std::to_string(kNestingMax) + ", includes counted",
                         "make it flatter: a nested flow that only groups can go"});
  } else if (!stopped_ && ++made_ > bounds_.nodes) {
    stopped_ = true;
    problems_.push_back({at,
                         "the flow has more than " + std::to_string(bounds_.nodes) +
                             " tasks and flows when it is written out",
                         "split it, and let one job post the next"});
  }
  return stopped();
}

Node Expander::expand(const File& file, const Scope& parameters) {
  Node whole = flow(file, file.root, parameters);
  if (budget_.spent())
    problems_.push_back({budget_.at(), "the flow has " + budget_.excess() + " when it is written out",
                         "let a task give what many of them need as its result; split the flow"});
  return whole;
}

Node Expander::put_in(const Node& source, const Scope& scope) {
  return substitute(source, scope, problems_, budget_);
}

Node Expander::flow(const File& file, const Node& source, const Scope& scope) {
  ++depth_;
  Node flow = map_node(source.at);
  Around around{{}, list_node(source.at), list_node(source.at)};
  if (!too_many(source.at)) {
    for (const Rule& rule : shapes::kFlow.rules) {
      const Member* member = source.member(rule.name);
      if (member && member->key != "nodes") {
        flow.members.push_back({member->key, member->at, put_in(member->value, scope)});
      }
    }
    write_all_millis(flow);
    if (const Node* pattern = flow.find("pattern")) around.pattern = pattern->text;
    if (const Node* links = flow.find("links")) around.links = *links;
    nodes(file, *source.find("nodes"), scope, around);
    if (!stopped()) drop_links(around);
  }
  flow.set("nodes", std::move(around.nodes));
  if (!around.links.items.empty() || flow.find("links")) flow.set("links", std::move(around.links));
  --depth_;
  return flow;
}

void Expander::nodes(const File& file, const Node& list, const Scope& scope, Around& around) {
  for (const Node& each : list.items) {
    if (stopped()) return;
    if (each.find("for_each"))
      repeated(file, each, scope, around);
    else
      one(file, each, scope, around);
  }
}

void Expander::repeated(const File& file, const Node& source, const Scope& scope, Around& around) {
  const Member& each = source.find("for_each")->members.front();
  const Node list = put_in(each.value, scope);
  if (!list.is(Kind::List)) {
    if (is_left(list)) return;
    problems_.push_back({each.value.at,
                         "'for_each' goes through a list, " + in_quotes(each.value.text) + " is " +
                             std::string(kind_name(list)) +
                             (list.is(Kind::Null) ? "" : ": " + shown_value(list)),
                         "give the parameter the type list"});
    return;
  }
  Around made{around.pattern, list_node(source.at), list_node(source.at)};
  for (const Node& item : list.items) {
    if (stopped()) return;
    Scope inner(&scope);
    inner.set(each.key, item);
    one(file, source, inner, made);
  }
  const std::size_t width = width_of(source, scope).value_or(made.nodes.items.size());
  for (Node& node : in_lanes(std::move(made.nodes.items), width, each.key, source.at))
    around.nodes.items.push_back(std::move(node));
  for (Node& link : made.links.items) around.links.items.push_back(std::move(link));
  around.left_out.merge(made.left_out);
}

/// nullopt: all at once.
std::optional<std::size_t> Expander::width_of(const Node& source, const Scope& scope) {
  const Node* told = source.find("width");
  if (!told) return std::nullopt;
  const Node number = put_in(*told, scope);
  std::size_t width = 0;
  const auto& text = number.text;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), width);
  if (number.is(Kind::Number) && read.ec == std::errc() && width >= 1 && width <= kWidthMax) return width;
  problems_.push_back({told->at,
                       "'width' must be a whole number from 1 to " + std::to_string(kWidthMax) + ", not " +
                           shown_value(number),
                       ""});
  return std::nullopt;
}

void Expander::one(const File& file, const Node& source, const Scope& scope, Around& around) {
  const Node* when = source.find("when");
  const bool later = when && is_decided_later(*when);
  if (when && !later && !holds(*when, scope, problems_, budget_)) {
    around.left_out.insert(name_of(file, source, scope));
    return;
  }
  if (too_many(source.at)) return;
  Node made;
  if (source.find("task"))
    made = task(source, scope);
  else if (const Node* inside = source.find("flow"))
    made = nested(flow(file, *inside, scope));
  else
    made = nested(included(file, source, scope));
  if (later) decide_later(*when, made, scope, around);
  around.nodes.items.push_back(std::move(made));
}

Node Expander::task(const Node& source, const Scope& scope) {
  Node task = map_node(source.at);
  for (const Member& member : source.members)
    if (shapes::kTask.find(member.key) && !is_wrapper(member.key))
      task.members.push_back({member.key, member.at, put_in(member.value, scope)});
  write_all_millis(task);
  require_injected(task);
  return task;
}

Node Expander::included(const File& file, const Node& source, const Scope& scope) {
  Scope parameters;
  const File* other = bind(file, source, scope, parameters, problems_);
  return other ? flow(*other, other->root, parameters) : map_node(source.at);
}

/// The file that the include names, and what its parameters are there.
const File* Expander::bind(const File& file, const Node& source, const Scope& scope, Scope& parameters,
                           Problems& problems) {
  const File* other = files_.included(file, source.find("include")->text);
  if (!other) return nullptr;
  for (const Declared& declared : other->parameters)
    if (declared.fallback) budget_.take(amount_of(*declared.fallback), source.at);
  Binding binding(other->parameters, source.at, parameters, problems);
  if (const Node* given = source.find("parameters")) {
    const Node values = substitute(*given, scope, problems, budget_);
    if (stopped()) return nullptr;
    if (!values.is(Kind::Map))
      problems.push_back({given->at, "'parameters' is a mapping, not " + std::string(kind_name(values)), ""});
    for (const Member& member : values.members) binding.give(member.key, member.value, member.at);
  }
  if (stopped()) return nullptr;
  binding.fill_in();
  return other;
}

/// What links call a node that is left out.
std::string Expander::name_of(const File& file, const Node& source, const Scope& scope) {
  Problems ignored;  // they are told where the node is wanted
  Scope parameters;
  const bool include = source.find("include");
  const File* other = include ? bind(file, source, scope, parameters, ignored) : nullptr;
  if (include && !other) return {};
  const Node* inside = source.find("flow");
  const Node& named = other ? other->root : inside ? *inside : source;
  const Node* name = named.find("name");
  return name ? substitute(*name, other ? parameters : scope, ignored, budget_).text : std::string();
}

/// Links to nodes that are left out go with them, unless another node has the name. Whoever waits for one
/// that is left out does not wait; but who asks one would run unasked.
void Expander::drop_links(Around& around) {
  for (const Node& node : around.nodes.items) around.left_out.erase(name_of_made(node));
  const auto& left_out = around.left_out;
  if (left_out.empty()) return;
  const bool sure = problems_.empty();  // else what is left out may be a consequence of what has been told
  std::erase_if(around.links.items, [&](const Node& link) {
    const Node *from = link.find("from"), *to = link.find("to");
    if (to && left_out.contains(to->text)) return true;
    const bool lost = from && left_out.contains(from->text);
    if (lost && sure && link.find("when")) tell_lost_condition(link);
    return lost;
  });
}

void Expander::tell_lost_condition(const Node& link) {
  const Node &when = *link.find("when"), &from = *link.find("from");
  const Node *asked = when.find("result_of"), *to = link.find("to");
  const bool asks_it = asked && asked->text == from.text;
  problems_.push_back({asks_it ? asked->at : when.at,
                       "the condition on " + in_quotes(to ? to->text : "") +
                           (asks_it ? " asks " : " is on a link from ") + in_quotes(from.text) +
                           ", which is left out here",
                       "it would run unasked: put both into a flow that has the 'when' of " +
                           in_quotes(from.text) + ", or write two variants of the node"});
}

/// A decider on the link from the task that it asks.
void Expander::decide_later(const Node& when, const Node& made, const Scope& scope, Around& around) {
  const Node condition = put_in(when, scope);
  const std::string name = name_of_made(made);
  const Node* asked = condition.find("result_of");
  if (name.empty() || stopped()) return;
  if (!asked)
    return problems_.push_back({when.at, "'result_of' names no task here: it is nothing", "name one"});
  Node link = map_node(when.at), decider = map_node(when.at);
  for (const Member& member : condition.members)
    if (member.key != "depth") decider.members.push_back(member);
  link.set("from", *asked);
  link.set("to", text_node(name, when.at));
  link.set("when", std::move(decider));
  if (const Node* depth = condition.find("depth")) link.set("depth", *depth);
  around.links.items.push_back(std::move(link));
}

}  // namespace baton::flowfile
