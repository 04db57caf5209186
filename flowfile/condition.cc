#include "flowfile/condition.h"

#include <algorithm>
#include <vector>

#include "common/model/value.h"
#include "flowfile/wording.h"

namespace baton::flowfile {
namespace {

constexpr const char* kHint =
    "true, $parameter, {equals: [a, b]}, {in: [a, list]}, {not: …}, {all: […]}, {any: […]}; in a graph flow "
    "also "
    "{result_of: task, equals: value}";

boost::json::value tree_of(const Node& node) {
  return Value::from_stored(to_json(node)).tree();
}

bool is_in(const Node& node, const std::vector<Node>& list) {
  const auto value = tree_of(node);
  return std::any_of(list.begin(), list.end(),
                     [&](const Node& item) { return equals_as_python(value, tree_of(item)); });
}

bool is_pair(const Node& node) {
  return node.is(Node::Kind::List) && node.items.size() == 2;
}

void check_word(const Member& word, Problems& problems) {
  const auto refuse = [&](const std::string& what) { problems.push_back({word.value.at, what, kHint}); };
  if (word.key == "equals" || word.key == "in") {
    if (!is_pair(word.value)) refuse("'" + word.key + "' compares two values: a list of two");
  } else if (word.key == "not") {
    check_condition(word.value, problems);
  } else if (word.key == "all" || word.key == "any") {
    if (!word.value.is(Node::Kind::List)) return refuse("'" + word.key + "' takes a list of conditions");
    for (const Node& item : word.value.items) check_condition(item, problems);
  } else {
    problems.push_back({word.at, in_quotes(word.key) + " is no condition", kHint});
  }
}

class Decision {
 public:
  Decision(const Scope& scope, Problems& problems, Budget& budget)
      : scope_(scope), problems_(problems), budget_(budget) {}

  bool holds(const Node& condition) {
    if (condition.is(Node::Kind::Map) && condition.members.size() == 1)
      return word(condition.members.front());
    const Node value = substitute(condition, scope_, problems_, budget_);
    if (value.is(Node::Kind::Bool)) return value.text == "true";
    if (is_left(value)) return false;
    problems_.push_back(
        {condition.at, "the condition is " + shown_value(value) + ", neither true nor false", kHint});
    return false;
  }

 private:
  bool word(const Member& word) {
    const auto each_holds = [&](const Node& condition) { return holds(condition); };
    const auto& items = word.value.items;
    if (word.key == "not") return !holds(word.value);
    if (word.key == "all") return std::all_of(items.begin(), items.end(), each_holds);
    if (word.key == "any") return std::any_of(items.begin(), items.end(), each_holds);
    if (!is_pair(word.value)) return false;  // told before
    const Node pair = substitute(word.value, scope_, problems_, budget_);
    if (budget_.spent()) return false;
    if (word.key == "equals") return equals_as_python(tree_of(pair.items[0]), tree_of(pair.items[1]));
    if (is_left(pair.items[1])) return false;
    if (!pair.items[1].is(Node::Kind::List)) {
      problems_.push_back(
          {pair.items[1].at, "'in' looks in a list, not in " + shown_value(pair.items[1]), ""});
      return false;
    }
    return is_in(pair.items[0], pair.items[1].items);
  }

  const Scope& scope_;
  Problems& problems_;
  Budget& budget_;
};

}  // namespace

void check_condition(const Node& condition, Problems& problems) {
  if (condition.is(Node::Kind::Bool)) return;
  if (condition.is(Node::Kind::Text) && is_one_name(condition.text)) return;
  if (!condition.is(Node::Kind::Map))
    problems.push_back({condition.at, "a condition cannot be " + shown_value(condition), kHint});
  else if (condition.members.size() != 1)
    problems.push_back({condition.at,
                        "a condition says one thing, this one " + std::to_string(condition.members.size()),
                        "join several with all or any"});
  else
    check_word(condition.members.front(), problems);
}

bool is_decided_later(const Node& condition) {
  return condition.is(Node::Kind::Map) && condition.member("result_of");
}

bool holds(const Node& condition, const Scope& scope, Problems& problems, Budget& budget) {
  return Decision(scope, problems, budget).holds(condition);
}

}  // namespace baton::flowfile
