#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "flowfile/budget.h"
#include "flowfile/node.h"

namespace baton::flowfile {

/// What the names stand for at one place of a file: its parameters, and the items of the for_each around it.
/// The outer scope must outlive the inner one.
class Scope {
 public:
  explicit Scope(const Scope* outer = nullptr) : outer_(outer) {}

  void set(const std::string& name, Node value) { own_[name] = std::move(value); }
  const Node* find(const std::string& name) const;
  std::vector<std::string> names() const;

 private:
  const Scope* const outer_;
  std::map<std::string, Node> own_;
};

bool is_name(std::string_view text);  // a letter or '_', then letters, digits, '_'

/// "$name" and "${name.member}" inside a text; "$$" is a dollar sign, and so is one before anything else.
bool has_names(std::string_view text);
/// The text is one of them and nothing else: its value may be of any kind.
bool is_one_name(std::string_view text);

/// A name that nothing was put in for: that has been told.
bool is_left(const Node&);

/// Puts values in, into texts and keys at any depth. What cannot be put in is told, and left as it is. Ends
/// early when the budget is spent, which is not told: then what it gives is to be thrown away.
Node substitute(const Node&, const Scope&, Problems&, Budget&);

/// Tells the names that are not known, and what only looks like one; values are not asked for.
void check_names(const Node&, const std::vector<std::string>& known, Problems&);

}  // namespace baton::flowfile
