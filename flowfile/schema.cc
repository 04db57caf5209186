#include "flowfile/schema.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "flowfile/grammar.h"
#include "flowfile/limits.h"

namespace baton::flowfile {
namespace {

namespace json = boost::json;

json::string text(std::string_view from) {
  return json::string(from.data(), from.size());
}

json::object of_type(const char* type) {
  return {{"type", type}};
}
json::object definition(const char* name) {
  return {{"$ref", std::string("#/$defs/") + name}};
}
json::object list_of(json::object items) {
  return {{"type", "array"}, {"items", std::move(items)}};
}
json::object any_of(json::array choices) {
  return {{"anyOf", std::move(choices)}};
}
json::object map_of(json::object values) {
  return {{"type", "object"}, {"additionalProperties", std::move(values)}};
}
/// A value, or a parameter's.
json::object or_parameter(json::object form) {
  return any_of({std::move(form), definition("one_name")});
}

json::object number_form(const Rule& rule, const char* type) {
  return or_parameter({{"type", type}, {"minimum", rule.min}, {"maximum", rule.max}});
}

json::object choice_form(const Rule& rule) {
  json::array choices;
  for (const auto choice : rule.choices) choices.push_back(text(choice));
  return any_of({json::object{{"enum", std::move(choices)}}, definition("names")});
}

json::object duration_form() {
  return any_of({json::object{{"type", "string"}, {"pattern", "^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d)$"}},
                 definition("names")});
}

json::object for_each_form() {
  auto form = map_of(any_of({of_type("array"), definition("one_name")}));
  form["minProperties"] = form["maxProperties"] = 1;
  form["propertyNames"] = definition("name");
  return form;
}

json::object name_form() {
  return {{"type", "string"}, {"minLength", 1}, {"maxLength", kNameBytesMax}};
}

json::object parameters_form() {
  auto form = map_of(definition("parameter"));
  form["propertyNames"] = definition("name");
  return form;
}

json::object form_of(const Rule& rule) {
  switch (rule.form) {
    case Form::Name:
      return name_form();
    case Form::Text:
      return of_type("string");
    case Form::Path:
      return {{"type", "string"}, {"minLength", 1}};
    case Form::Texts:
      return or_parameter(list_of(of_type("string")));
    case Form::TextMap:
      return or_parameter(map_of(of_type("string")));
    case Form::Values:
      return or_parameter(of_type("object"));
    case Form::Anything:
      return {};
    case Form::List:
      return or_parameter(of_type("array"));
    case Form::Integer:
      return number_form(rule, "integer");
    case Form::Decimal:
      return number_form(rule, "number");
    case Form::Boolean:
      return or_parameter(of_type("boolean"));
    case Form::Choice:
      return choice_form(rule);
    case Form::Duration:
      return duration_form();
    case Form::Provides:
      return any_of({name_form(), list_of(of_type("string")), definition("provides")});
    case Form::Flow:
      return definition("flow");
    case Form::Nodes:
      return list_of(definition("node"));
    case Form::Links:
      return list_of(definition("link"));
    case Form::Retry:
      return definition("retry");
    case Form::Timeouts:
      return definition("timeouts");
    case Form::Backoff:
      return definition("backoff");
    case Form::Condition:
      return definition("condition");
    case Form::Decider:
      return definition("decider");
    case Form::ForEach:
      return for_each_form();
    case Form::Parameters:
      return parameters_form();
  }
  return {};
}

json::object shape_form(const Shape& shape) {
  json::object members;
  json::array required;
  for (const Rule& rule : shape.rules) {
    auto form = form_of(rule);
    form["description"] = text(rule.about);
    members[text(rule.name)] = std::move(form);
    if (rule.required) required.push_back(text(rule.name));
  }
  json::object form{{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(members)}};
  if (!required.empty()) form["required"] = std::move(required);
  return form;
}

/// {word: form} and nothing else.
json::object one_word(const char* word, json::object form) {
  return {{"type", "object"},
          {"properties", json::object{{word, std::move(form)}}},
          {"required", json::array{word}},
          {"additionalProperties", false}};
}

json::object condition_form() {
  json::object pair = of_type("array");
  pair["minItems"] = pair["maxItems"] = 2;
  auto later = shape_form(shapes::kDecider);
  later["required"] = json::array{"result_of"};
  return any_of({of_type("boolean"), definition("one_name"), one_word("equals", pair), one_word("in", pair),
                 one_word("not", definition("condition")), one_word("all", list_of(definition("condition"))),
                 one_word("any", list_of(definition("condition"))), std::move(later)});
}

json::object definitions() {
  return {
      {"name", {{"type", "string"}, {"pattern", "^[A-Za-z_][A-Za-z0-9_]*$"}}},
      {"one_name",
       {{"type", "string"},
        {"pattern", "^\\$([A-Za-z_][A-Za-z0-9_]*|\\{[^}]+\\})$"},
        {"description", "a parameter or a for_each's item: $name, ${name.member}"}}},
      {"names", {{"type", "string"}, {"pattern", "\\$"}, {"description", "a text with parameters in it"}}},
      {"flow", shape_form(shapes::kFlow)},
      {"node", any_of({definition("task"), definition("nested"), definition("include")})},
      {"task", shape_form(shapes::kTask)},
      {"nested", shape_form(shapes::kNested)},
      {"include", shape_form(shapes::kInclude)},
      {"retry", shape_form(shapes::kRetry)},
      {"link", shape_form(shapes::kLink)},
      {"decider", shape_form(shapes::kDecider)},
      {"condition", condition_form()},
      {"timeouts", shape_form(shapes::kTimeouts)},
      {"backoff", shape_form(shapes::kBackoff)},
      {"parameter", shape_form(shapes::kParameter)},
      {"provides", shape_form(shapes::kProvides)},
  };
}

/// For people: objects with a member a line, lists of scalars in one.
void write(const json::value& value, const std::string& indent, std::string& text) {
  const auto* object = value.if_object();
  const auto* array = value.if_array();
  const std::string inner = indent + "  ";
  bool first = true;
  const auto begin_item = [&](const char* bracket) {
    text += (first ? bracket : ",") + ("\n" + inner);
    first = false;
  };
  if (object && !object->empty()) {
    for (const auto& [key, member] : *object) {
      begin_item("{");
      text += json::serialize(json::value(key)) + ": ";
      write(member, inner, text);
    }
    text += "\n" + indent + "}";
  } else if (array && !array->empty() && array->front().is_object()) {
    for (const auto& item : *array) {
      begin_item("[");
      write(item, inner, text);
    }
    text += "\n" + indent + "]";
  } else {
    text += json::serialize(value);
  }
}

}  // namespace

std::string schema_text() {
  json::object schema{
      {"$schema", "https://json-schema.org/draft/2020-12/schema"},
      {"title", "Baton flow file"},
      {"description", "docs/flow-files.md explains it; `baton flow validate` checks more than this can say"}};
  for (auto& [key, value] : shape_form(shapes::kFile)) schema[key] = value;
  schema["$defs"] = definitions();
  std::string text;
  write(schema, "", text);
  return text + "\n";
}

}  // namespace baton::flowfile
