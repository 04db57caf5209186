#include "flowfile/form_check.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "flowfile/condition.h"
#include "flowfile/duration.h"
#include "flowfile/grammar.h"
#include "flowfile/limits.h"
#include "flowfile/scope.h"
#include "flowfile/wording.h"
#include "flowfile/yaml_scalar.h"

namespace baton::flowfile {
namespace {

using Kind = Node::Kind;

constexpr const char* kNodeHint = "a node is one of {task: …, name: …}, {flow: {…}}, {include: file.yaml}";

std::string kind_wanted(Form form) {
  switch (form) {
    case Form::Name:
    case Form::Text:
    case Form::Path:
    case Form::Duration:
    case Form::Choice:
      return "a text";
    case Form::Texts:
    case Form::List:
    case Form::Nodes:
    case Form::Links:
      return "a list";
    case Form::Integer:
      return "a whole number";
    case Form::Decimal:
      return "a number";
    case Form::Boolean:
      return "true or false";
    case Form::TextMap:
    case Form::Values:
    case Form::Flow:
    case Form::Retry:
    case Form::Timeouts:
    case Form::Backoff:
    case Form::Decider:
    case Form::ForEach:
    case Form::Parameters:
      return "a mapping";
    case Form::Condition:
      return "a condition";
    case Form::Provides:
    case Form::Anything:
      return "a value";
  }
  return "a value";
}

std::optional<std::int64_t> whole(const Node& node) {
  std::int64_t number = 0;
  const char* end = node.text.data() + node.text.size();
  const auto [stopped, error] = std::from_chars(node.text.data(), end, number);
  if (!node.is(Kind::Number) || error != std::errc() || stopped != end) return std::nullopt;
  return number;
}

Kind plain_kind(const std::string& text) {
  const Scalar plain = plain_scalar(text);
  return plain.refused.empty() ? plain.kind : Kind::Text;
}

class FormCheck {
 public:
  FormCheck(Stage stage, Problems& problems) : stage_(stage), problems_(problems) {}

  bool run(const Node& file) {
    if (!file.is(Kind::Map)) {
      refuse_broken(file.at, "a flow file is a mapping, not " + std::string(kind_name(file)),
                    "it has at least name, pattern and nodes");
      return false;
    }
    flow(file, shapes::kFile);
    return !broken_;
  }

 private:
  void refuse(const Place& at, std::string what, std::string hint = {}) {
    problems_.push_back({at, std::move(what), std::move(hint)});
  }
  void refuse_broken(const Place& at, std::string what, std::string hint = {}) {
    broken_ = true;
    refuse(at, std::move(what), std::move(hint));
  }

  /// May become another value when parameters are put in.
  bool open(const Node& node) const {
    return stage_ == Stage::Written && node.is(Kind::Text) && has_names(node.text);
  }
  bool open_whole(const Node& node) const { return open(node) && is_one_name(node.text); }

  void shape(const Node& map, const Shape& shape) {
    for (const Member& member : map.members) {
      const Rule* rule = shape.find(member.key);
      if (!rule)
        unknown(member, shape);
      else if (!member.value.is(Kind::Null))
        value(member.value, *rule);
      else if (rule->required || rule->form == Form::Name || rule->form == Form::ForEach ||
               rule->form == Form::Condition)
        refuse_broken(member.at, "'" + member.key + "' has no value",
                      "it needs " + kind_wanted(rule->form) + (rule->required ? "" : ", or is left out"));
      if (rule && std::string(rule->name).ends_with(kMillisEnd)) refuse_twice(map, member);
    }
    for (const Rule& rule : shape.rules)
      if (rule.required && !map.member(rule.name))
        refuse_broken(map.at, std::string(shape.what) + " needs the member '" + std::string(rule.name) + "'",
                      std::string(rule.about));
  }

  void unknown(const Member& member, const Shape& shape) {
    std::vector<std::string_view> known;
    for (const Rule& rule : shape.rules) known.push_back(rule.name);
    refuse(member.at, in_quotes(member.key) + " is no member of " + std::string(shape.what),
           known_hint(member.key, known));
  }

  void refuse_twice(const Node& map, const Member& member) {
    const std::string other = member.key.substr(0, member.key.size() - kMillisEnd.size());
    if (map.find(other))
      refuse(member.at, "both '" + other + "' and '" + member.key + "'", "leave one of them out");
  }

  bool is_kind(const Node& node, Kind kind, const Rule& rule) {
    if (node.is(kind)) return true;
    const bool scalar_as_text = kind == Kind::Text && (node.is(Kind::Number) || node.is(Kind::Bool));
    const auto what = "'" + std::string(rule.name) + "' must be " + kind_wanted(rule.form) + ", not " +
                      std::string(kind_name(node)) +
                      (node.is(Kind::Text) ? " like " + shown_value(node) : "");
    const bool quotes = node.is(Kind::Text) && plain_kind(node.text) == kind;
    const auto hint = quotes                     ? "leave the quotes out"
                      : scalar_as_text           ? "quote it: \"" + node.text + "\""
                      : rule.form == Form::Nodes ? "each node begins with '- ' on a line of its own"
                                                 : std::string(rule.about);
    if (rule.form == Form::Flow || rule.form == Form::Nodes || rule.form == Form::Name)
      refuse_broken(node.at, what, hint);
    else
      refuse(node.at, what, hint);
    return false;
  }

  void value(const Node& node, const Rule& rule) {
    if (node.told) return;
    switch (rule.form) {
      case Form::Name:
        return name(node, rule);
      case Form::Text:
        if (!open(node)) is_kind(node, Kind::Text, rule);
        return;
      case Form::Path:
        return path(node, rule);
      case Form::Texts:
        return texts(node, rule);
      case Form::TextMap:
        return text_map(node, rule);
      case Form::Values:
        if (!open_whole(node)) is_kind(node, Kind::Map, rule);
        return;
      case Form::List:
        if (!open_whole(node)) is_kind(node, Kind::List, rule);
        return;
      case Form::Integer:
        if (!open_whole(node)) integer(node, rule);
        return;
      case Form::Decimal:
        if (!open_whole(node)) decimal(node, rule);
        return;
      case Form::Boolean:
        if (!open_whole(node)) is_kind(node, Kind::Bool, rule);
        return;
      case Form::Choice:
        return choice(node, rule);
      case Form::Duration:
        return duration(node, rule);
      case Form::Provides:
        return provides(node, rule);
      case Form::Flow:
        if (is_kind(node, Kind::Map, rule)) flow(node, shapes::kFlow);
        return;
      case Form::Retry:
        if (is_kind(node, Kind::Map, rule)) shape(node, shapes::kRetry);
        return;
      case Form::Timeouts:
        if (is_kind(node, Kind::Map, rule)) shape(node, shapes::kTimeouts);
        return;
      case Form::Backoff:
        if (is_kind(node, Kind::Map, rule)) backoff(node);
        return;
      case Form::Decider:
        if (is_kind(node, Kind::Map, rule)) decider(node);
        return;
      case Form::Parameters:
        return parameters(node, rule);
      case Form::Nodes:
      case Form::Links:
      case Form::Condition:
      case Form::ForEach:
      case Form::Anything:
        return;  // looked at with what is around them
    }
  }

  void name(const Node& node, const Rule& rule) {
    if (open(node)) return;
    if (!is_kind(node, Kind::Text, rule)) return;
    if (node.text.empty())
      return refuse(node.at, "'" + std::string(rule.name) + "' is empty", std::string(rule.about));
    if (node.text.size() > kNameBytesMax)
      refuse(node.at, "'" + std::string(rule.name) + "' has " + std::to_string(node.text.size()) +
                          " bytes, the limit is " + std::to_string(kNameBytesMax));
  }

  void path(const Node& node, const Rule& rule) {
    if (!is_kind(node, Kind::Text, rule)) return;
    if (has_names(node.text))
      refuse_broken(node.at, "the file of an include cannot depend on a parameter",
                    "include each with 'when' on the parameter");
  }

  void texts(const Node& node, const Rule& rule) {
    if (open_whole(node) || !is_kind(node, Kind::List, rule)) return;
    for (const Node& item : node.items)
      if (!open(item) && !item.is(Kind::Text))
        refuse(item.at,
               "'" + std::string(rule.name) + "' is a list of texts; this is " + std::string(kind_name(item)),
               item.is(Kind::Number) || item.is(Kind::Bool) ? "quote it: \"" + item.text + "\"" : "");
  }

  void text_map(const Node& node, const Rule& rule) {
    if (open_whole(node) || !is_kind(node, Kind::Map, rule)) return;
    for (const auto& [key, at, item] : node.members)
      if (!open(item) && !item.is(Kind::Text))
        refuse(item.at,
               "'" + std::string(rule.name) + "' is a mapping of texts; " + in_quotes(key) + " is " +
                   std::string(kind_name(item)),
               item.is(Kind::Number) || item.is(Kind::Bool) ? "quote it: \"" + item.text + "\"" : "");
  }

  void integer(const Node& node, const Rule& rule) {
    if (!is_kind(node, Kind::Number, rule)) return;
    const auto number = whole(node);
    if (!number || *number < rule.min || *number > rule.max)
      refuse(node.at, "'" + std::string(rule.name) + "' must be a whole number from " +
                          std::to_string(rule.min) + " to " + std::to_string(rule.max) + ", not " +
                          node.text);
  }

  void decimal(const Node& node, const Rule& rule) {
    if (!is_kind(node, Kind::Number, rule)) return;
    const double number = std::strtod(node.text.c_str(), nullptr);
    if (!(number >= static_cast<double>(rule.min) && number <= static_cast<double>(rule.max)))
      refuse(node.at, "'" + std::string(rule.name) + "' must be from " + std::to_string(rule.min) + " to " +
                          std::to_string(rule.max) + ", not " + node.text);
  }

  void choice(const Node& node, const Rule& rule) {
    if (open(node) || !is_kind(node, Kind::Text, rule)) return;
    if (std::find(rule.choices.begin(), rule.choices.end(), node.text) == rule.choices.end())
      refuse(node.at, in_quotes(node.text) + " is no '" + std::string(rule.name) + "'",
             known_hint(node.text, rule.choices));
  }

  void duration(const Node& node, const Rule& rule) {
    if (open(node)) return;
    if (node.is(Kind::Text) && read_duration(node.text)) return;
    refuse(node.at, "'" + std::string(rule.name) + "' is no duration: " + shown_value(node),
           "a number and its unit: 500ms, 30s, 5m, 2h, 1d");
  }

  void provides(const Node& node, const Rule& rule) {
    if (node.is(Kind::Text)) return name(node, rule);
    if (node.is(Kind::Map)) return shape(node, shapes::kProvides);
    if (node.is(Kind::List)) return texts(node, rule);
    refuse(node.at,
           "'provides' is a name, a list of names or {keys: [names]}, not " + std::string(kind_name(node)),
           std::string(rule.about));
  }

  void backoff(const Node& node) {
    shape(node, shapes::kBackoff);
    if (!node.find("initial") && !node.find("initial_ms"))
      refuse(node.at, "a backoff needs the member 'initial'", "the first pause: 500ms, 10s");
  }

  void decider(const Node& node) {
    shape(node, shapes::kDecider);
    if (!node.find("result_of") && !node.find("const") && !node.find("raise"))
      refuse_broken(node.at, "the condition says nothing", "{result_of: task, equals: value}");
  }

  void parameters(const Node& node, const Rule& rule) {
    if (!is_kind(node, Kind::Map, rule)) return;
    for (const Member& member : node.members) {
      if (member.value.is(Kind::Map))
        shape(member.value, shapes::kParameter);
      else
        refuse(member.value.at.line ? member.value.at : member.at,
               "parameter " + in_quotes(member.key) + " is declared by a mapping, not by " +
                   std::string(kind_name(member.value)),
               "write {type: string}, or {default: value} beside the type");
    }
  }

  void flow(const Node& node, const Shape& its_shape) {
    shape(node, its_shape);
    const Node* pattern = node.find("pattern");
    const std::string around = pattern && pattern->is(Kind::Text) && !open(*pattern) ? pattern->text : "";
    if (const Node* nodes = node.find("nodes");
        nodes && is_kind(*nodes, Kind::List, *its_shape.find("nodes")))
      for (const Node& item : nodes->items) this->node(item, around);
    if (const Node* links = node.find("links")) this->links(*links, around);
  }

  void links(const Node& links, const std::string& pattern) {
    if (!is_kind(links, Kind::List, *shapes::kFlow.find("links"))) return;
    if (!pattern.empty() && pattern != "graph" && stage_ == Stage::Written)
      refuse_broken(links.at, "only graph flows take links, this one is " + pattern,
                    "make its pattern graph, or order its nodes by nesting linear and unordered flows");
    for (const Node& link : links.items) {
      if (link.is(Kind::Map) && link.find("depth") && !link.find("when"))
        refuse(link.member("depth")->at, "a link with a depth but no condition",
               "add 'when', or leave 'depth' out");
      if (link.is(Kind::Map))
        shape(link, shapes::kLink);
      else
        refuse(link.at, "a link is a mapping {from, to}, not " + std::string(kind_name(link)));
    }
  }

  void node(const Node& node, const std::string& pattern) {
    if (!node.is(Kind::Map))
      return refuse_broken(node.at,
                           "a node is a mapping, not " + std::string(kind_name(node)) +
                               (node.is(Kind::Text) ? " like " + shown_value(node) : ""),
                           kNodeHint);
    const Shape* its_shape = nullptr;
    for (const Shape* each : {&shapes::kTask, &shapes::kNested, &shapes::kInclude}) {
      const std::string_view word = each->rules.front().name;
      if (!node.member(word)) continue;
      if (its_shape)
        return refuse_broken(node.member(word)->at,
                             "a node is either a '" + std::string(its_shape->rules.front().name) +
                                 "' or a '" + std::string(word) + "'",
                             "make two nodes of it");
      its_shape = each;
    }
    if (!its_shape) {
      broken_ = true;
      return node.told ? void() : no_kind(node);
    }
    shape(node, *its_shape);
    repeated(node, pattern);
    if (const Node* when = node.find("when")) condition(*when, pattern);
  }

  void no_kind(const Node& node) {
    if (node.member("pattern") || node.member("nodes"))
      return refuse_broken(node.at, "a flow inside a flow stands under the key 'flow'",
                           "write '- flow:' and indent it");
    const bool one = node.members.size() == 1 && node.members.front().value.is(Kind::Map);
    refuse_broken(node.at, "the node is neither a task nor a flow nor an include",
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
      refuse(width->at, "'width' without 'for_each'", "it says how many of a for_each run at once");
    else if (!pattern.empty() && pattern != "unordered")
      refuse(width->at, "'width' in a " + pattern + " flow",
             pattern == "linear" ? "there one runs after the other anyway"
                                 : "put the for_each into an unordered flow");
  }

  void for_each(const Node& each) {
    if (!each.is(Kind::Map) || each.members.size() != 1)
      return refuse_broken(each.at, "'for_each' names one list: " + shown_value(each),
                           "write for_each: {node: $nodes}");
    const auto& [name, at, list] = each.members.front();
    if (!is_name(name))
      refuse_broken(at, in_quotes(name) + " is no name",
                    "letters, digits and '_', not a digit first: it is used as $name");
    if (!list.is(Kind::List) && !open_whole(list))
      refuse_broken(list.is(Kind::Null) ? at : list.at,
                    "'for_each' goes through a list, this is " + std::string(kind_name(list)) +
                        (list.is(Kind::Null) ? "" : " like " + shown_value(list)),
                    list.is(Kind::Text) ? "a parameter of type list is written $name" : "");
  }

  void condition(const Node& when, const std::string& pattern) {
    const auto before = problems_.size();
    if (!is_decided_later(when)) {
      check_condition(when, problems_);
      broken_ = broken_ || problems_.size() > before;
      return;
    }
    decider(when);
    if (!pattern.empty() && pattern != "graph")
      refuse_broken(
          when.at, "a condition on a result in a " + pattern + " flow",
          "only graph flows decide while they run: make its pattern graph, or let 'when' look at parameters");
  }

  const Stage stage_;
  Problems& problems_;
  bool broken_ = false;
};

}  // namespace

bool check_form(const Node& file, Stage stage, Problems& problems) {
  return FormCheck(stage, problems).run(file);
}

}  // namespace baton::flowfile
