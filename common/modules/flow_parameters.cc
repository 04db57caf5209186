#include "common/modules/flow_parameters.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "common/model/limits.h"
#include "common/model/name_list.h"

namespace baton::modules {
namespace {

namespace json = boost::json;

constexpr std::size_t kShownBytesMax = 80;  // of a given value in a message
constexpr std::size_t kToldBytesMax = 16 * kKiB;

std::string shown(const json::value& value) {
  return shown_name(json::serialize(value), kShownBytesMax);
}

std::string text_of(const json::object& object, const char* key) {
  const auto* found = object.if_contains(key);
  return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

}  // namespace

std::optional<FlowParameters::Type> FlowParameters::type_from(std::string_view name) {
  for (const Type type :
       {Type::Any, Type::String, Type::Integer, Type::Number, Type::Boolean, Type::List, Type::Object})
    if (name == to_string(type)) return type;
  return std::nullopt;
}

const char* FlowParameters::to_string(Type type) {
  switch (type) {
    case Type::Any:
      return "any";
    case Type::String:
      return "string";
    case Type::Integer:
      return "integer";
    case Type::Number:
      return "number";
    case Type::Boolean:
      return "boolean";
    case Type::List:
      return "list";
    case Type::Object:
      return "object";
  }
  return "any";
}

bool FlowParameters::fits(Type type, const json::value& value) {
  switch (type) {
    case Type::Any:
      return true;
    case Type::String:
      return value.is_string();
    case Type::Integer:
      return value.is_int64() || value.is_uint64();
    case Type::Number:
      return value.is_number();
    case Type::Boolean:
      return value.is_bool();
    case Type::List:
      return value.is_array();
    case Type::Object:
      return value.is_object();
  }
  return false;
}

std::string FlowParameters::expected(const Parameter& parameter) {
  std::string text = to_string(parameter.type);
  if (parameter.type == Type::List && parameter.items != Type::Any)
    text += std::string(" of ") + to_string(parameter.items);
  return text;
}

std::optional<std::string> FlowParameters::misfit(const Parameter& parameter, const json::value& value) {
  if (!fits(parameter.type, value)) return shown(value) + ", expected: " + expected(parameter);
  if (parameter.type != Type::List) return std::nullopt;
  const auto& items = value.get_array();
  for (std::size_t i = 0; i < items.size(); ++i)
    if (!fits(parameter.items, items[i]))
      return "a list with " + shown(items[i]) + " at index " + std::to_string(i) +
             ", expected: " + expected(parameter);
  return std::nullopt;
}

Result<FlowParameters::Parameter, std::string> FlowParameters::read_parameter(const json::value& declared) {
  const auto* object = declared.if_object();
  if (!object)
    return Fail(std::string("a parameter is declared as ") + shown(declared) + ", not as an object");
  Parameter parameter;
  parameter.name = text_of(*object, "name");
  if (parameter.name.empty()) return Fail("a parameter has no name: " + shown(declared));
  const auto type = type_from(text_of(*object, "type"));
  const auto items = object->contains("items") ? type_from(text_of(*object, "items")) : Type::Any;
  if (!type || !items)
    return Fail("parameter '" + parameter.name +
                "' has an unknown type; known: any, string, integer, number, boolean, list, object");
  parameter.type = *type;
  parameter.items = *items;
  const auto* required = object->if_contains("required");
  parameter.required = !required || !required->is_bool() || required->get_bool();
  if (const auto* fallback = object->if_contains("default")) parameter.fallback = *fallback;
  // null as a default is "not given"; the factory sees null.
  if (!parameter.required && !parameter.fallback.is_null())
    if (const auto wrong = misfit(parameter, parameter.fallback))
      return Fail("the default of parameter '" + parameter.name + "' is " + *wrong);
  return parameter;
}

Result<FlowParameters, std::string> FlowParameters::parse(std::string_view declared) {
  FlowParameters parameters;
  auto value = Value::parse(declared.empty() ? std::string_view("[]") : declared);
  if (!value.ok()) return Fail("the declared parameters are no JSON: " + value.error().message);
  parameters.declared_ = std::move(value).value();
  const json::value tree = parameters.declared_.tree();
  if (!tree.is_array()) return Fail(std::string("the declared parameters are no list"));
  for (const auto& item : tree.get_array()) {
    auto parameter = read_parameter(item);
    if (!parameter.ok()) return Fail(shown_text(parameter.error(), kToldBytesMax));
    if (parameters.find(parameter->name))
      return Fail("parameter '" + shown_name(parameter->name) + "' is declared twice");
    parameters.parameters_.push_back(std::move(parameter).value());
  }
  return parameters;
}

const FlowParameters::Parameter* FlowParameters::find(std::string_view name) const {
  for (const auto& parameter : parameters_)
    if (parameter.name == name) return &parameter;
  return nullptr;
}

std::string FlowParameters::known() const {
  std::string text;
  for (const auto& parameter : parameters_)
    text += (text.empty() ? "" : ", ") + parameter.name + " (" + expected(parameter) +
            (parameter.required ? ", required)" : ", default " + shown(parameter.fallback) + ")");
  return text.empty() ? "none" : text;
}

/// One call's parameters while they are gathered, and all that is wrong with them.
struct FlowParameters::Binding {
  json::object bound;
  std::string wrong;
  bool unknown = false;

  void refuse(const std::string& what) { wrong += "\n  " + what; }

  void give(const Parameter& parameter, const json::value& value) {
    if (!parameter.required && value.is_null() && parameter.fallback.is_null()) return;
    if (const auto what = misfit(parameter, value)) refuse("parameter '" + parameter.name + "' is " + *what);
    bound[parameter.name] = value;
  }
};

Result<Value, FlowParameters::Misfit> FlowParameters::bind(std::string_view flow, const Value& args,
                                                           const Value& kwargs) const {
  Binding binding;
  const json::value positional = args.is_null() ? json::value(json::array()) : args.tree();
  const json::value named = kwargs.is_null() ? json::value(json::object()) : kwargs.tree();
  if (!positional.is_array()) binding.refuse("'args' is " + shown(positional) + ", expected: list");
  if (!named.is_object()) binding.refuse("'kwargs' is " + shown(named) + ", expected: object");

  const std::size_t given = positional.is_array() ? positional.get_array().size() : 0;
  if (given > parameters_.size()) {
    binding.unknown = true;
    binding.refuse("it got " + std::to_string(given) + " positional arguments, it takes " +
                   std::to_string(parameters_.size()));
  }
  for (std::size_t i = 0; i < std::min(given, parameters_.size()); ++i)
    binding.give(parameters_[i], positional.get_array()[i]);

  for (const auto& [key, value] : named.is_object() ? named.get_object() : json::object()) {
    const std::string name(key);
    const Parameter* parameter = find(name);
    if (!parameter) {
      binding.unknown = true;
      binding.refuse("parameter '" + name + "' is unknown");
    } else if (parameter < parameters_.data() + std::min(given, parameters_.size())) {
      binding.refuse("parameter '" + name + "' is given twice: by position and by name");
    } else {
      binding.give(*parameter, value);
    }
  }

  for (const auto& parameter : parameters_) {
    if (binding.bound.contains(parameter.name)) continue;
    if (parameter.required)
      binding.refuse("parameter '" + parameter.name + "' is missing, expected: " + expected(parameter));
    binding.bound[parameter.name] = parameter.fallback;
  }

  if (!binding.wrong.empty())
    return Fail(Misfit{shown_text("flow '" + std::string(flow) + "' refuses its parameters:" + binding.wrong +
                                      "\n  parameters: " + known(),
                                  kToldBytesMax) +
                           "\n  hint: correct the job's details.factory and post it again",
                       binding.unknown});
  auto value = Value::from(binding.bound);
  if (!value.ok())
    return Fail(Misfit{
        "flow '" + std::string(flow) + "': its parameters are too large: " + value.error().message, false});
  return std::move(value).value();
}

}  // namespace baton::modules
