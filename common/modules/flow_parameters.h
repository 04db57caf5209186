#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/model/result.h"
#include "common/model/value.h"

namespace baton::modules {

/// A flow's declared parameters (the JSON of baton_flow_factory::parameters), and the check of what a poster
/// gives against them.
class FlowParameters {
 public:
  /// Refused: what is no declaration (unknown type, a name twice, a default of another type); for the
  /// module's author.
  static Result<FlowParameters, std::string> parse(std::string_view declared);

  /// What does not fit names the flow, the parameter, what was given and what is expected; all that is wrong
  /// at once. `unknown`: there is a parameter that we do not know, so that a newer version may know it all.
  struct Misfit {
    std::string message;
    bool unknown = false;
  };
  /// `args` (a list; null: none) by position, `kwargs` (an object; null: none) by name. The object has every
  /// parameter, defaults filled in.
  Result<Value, Misfit> bind(std::string_view flow, const Value& args, const Value& kwargs) const;

  const Value& declared() const { return declared_; }

 private:
  enum class Type { Any, String, Integer, Number, Boolean, List, Object };
  struct Parameter {
    std::string name;
    Type type = Type::Any;
    Type items = Type::Any;
    bool required = true;
    boost::json::value fallback;
  };
  struct Binding;

  static std::optional<Type> type_from(std::string_view name);
  static const char* to_string(Type);
  static bool fits(Type, const boost::json::value&);
  static std::string expected(const Parameter&);
  static Result<Parameter, std::string> read_parameter(const boost::json::value&);
  static std::optional<std::string> misfit(const Parameter&, const boost::json::value&);
  const Parameter* find(std::string_view name) const;
  std::string known() const;

  std::vector<Parameter> parameters_;
  Value declared_;
};

}  // namespace baton::modules
