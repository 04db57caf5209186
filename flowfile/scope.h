#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "flowfile/budget.h"
#include "flowfile/limits.h"
#include "flowfile/node.h"

namespace baton::flowfile {

/// What the names stand for at one place of a file: its parameters, and the items of the for_each around it.
/// The outer scope must outlive the inner one.
class Scope {
 public:
  explicit Scope(const Scope* outer = nullptr) : outer_(outer) {}

  void set(const std::string& name, Node value) { own_[name] = std::move(value); }
  const Node* find(const std::string& name) const;

 private:
  const Scope* const outer_;
  std::map<std::string, Node> own_;
};

/// The names of a scope before there are values, in the order in which they are declared. The outer ones must
/// outlive the inner ones.
class Names {
 public:
  explicit Names(const Names* outer = nullptr) : outer_(outer) {}

  void add(const std::string& name);
  bool contains(const std::string& name) const;
  std::vector<std::string> all() const;
  /// Which of them was meant is sought in all: as often as can be told.
  bool may_seek() const { return outer_ ? outer_->may_seek() : sought_++ < kProblemsMax; }

 private:
  const Names* const outer_;
  std::vector<std::string> own_;
  mutable std::size_t sought_ = 0;
  std::set<std::string> known_;  // of its own
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
void check_names(const Node&, const Names& known, Problems&);

}  // namespace baton::flowfile
