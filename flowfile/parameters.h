#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "flowfile/flow_file.h"
#include "flowfile/node.h"
#include "flowfile/scope.h"

namespace baton::flowfile {

/// A parameter with its default as it stands in the file.
struct Declared {
  Parameter about;
  std::optional<Node> fallback;
};

/// The `parameters` of a file, whose form has been checked; tells defaults that do not fit, and names that
/// are none.
std::vector<Declared> declared_parameters(const Node& file, Problems&);

/// Why the value is none of this parameter's: "expected: list of string"; nullopt: it fits.
std::optional<std::string> misfit(const Parameter&, const Node& value);

/// Gives a scope its parameters: what is given, else the default. Tells what is missing, unknown or of
/// another type, at the place where it is given; `at`: where all of them are.
class Binding {
 public:
  Binding(const std::vector<Declared>& declared, Place at, Scope& scope, Problems& problems)
      : declared_(declared), at_(std::move(at)), scope_(scope), problems_(problems) {}

  void give(const std::string& name, Node value, const Place& name_at);
  /// A value whose kind is not known yet.
  void give_later(const std::string& name, Node value, const Place& name_at);
  void give_text(const std::string& name_and_value);  // "name=value", as people write it in a command
  void fill_in();

 private:
  const Declared* find(const std::string& name, const Place& at);
  void tell_unknown(const std::string& name, const Place& at);

  const std::vector<Declared>& declared_;
  std::map<std::string_view, const Declared*> by_name_;  // as soon as one is given
  std::size_t unknown_ = 0;
  const Place at_;
  Scope& scope_;
  Problems& problems_;
  std::set<std::string> refused_;  // told, and not given to the scope
};

}  // namespace baton::flowfile
