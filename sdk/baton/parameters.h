#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace baton::sdk {

/// What a list holds.
enum class Items { any, string, integer, number, boolean, list, object };

/// A flow's parameters, in the order of positional arguments. The host checks names and types and fills in
/// the defaults before the factory is called; without a default a parameter must be given.
///
///     Parameters{}.list("nodes", Items::string).string("image", "debian-12").describe("what boots")
class Parameters {
 public:
  using Default = std::optional<boost::json::value>;

  Parameters& string(std::string_view name, Default value = {}) { return add(name, "string", value); }
  Parameters& integer(std::string_view name, Default value = {}) { return add(name, "integer", value); }
  Parameters& number(std::string_view name, Default value = {}) { return add(name, "number", value); }
  Parameters& boolean(std::string_view name, Default value = {}) { return add(name, "boolean", value); }
  Parameters& object(std::string_view name, Default value = {}) { return add(name, "object", value); }
  Parameters& any(std::string_view name, Default value = {}) { return add(name, "any", value); }
  Parameters& list(std::string_view name, Items items = Items::any, Default value = {}) {
    add(name, "list", value);
    last()["items"] = to_string(items);
    return *this;
  }
  /// Of the parameter that was added last: for people.
  Parameters& describe(std::string_view text) {
    last()["description"] = boost::json::string_view(text.data(), text.size());
    return *this;
  }

  const boost::json::array& declared() const { return declared_; }

 private:
  static const char* to_string(Items items) {
    switch (items) {
      case Items::any:
        return "any";
      case Items::string:
        return "string";
      case Items::integer:
        return "integer";
      case Items::number:
        return "number";
      case Items::boolean:
        return "boolean";
      case Items::list:
        return "list";
      case Items::object:
        return "object";
    }
    return "any";
  }

  Parameters& add(std::string_view name, const char* type, const Default& value) {
    boost::json::object parameter;
    parameter["name"] = boost::json::string_view(name.data(), name.size());
    parameter["type"] = type;
    parameter["required"] = !value.has_value();
    if (value) parameter["default"] = *value;
    declared_.push_back(std::move(parameter));
    return *this;
  }

  boost::json::object& last() {
    if (declared_.empty()) throw std::logic_error("describe() comes after the parameter that it describes");
    return declared_.back().as_object();
  }

  boost::json::array declared_;
};

}  // namespace baton::sdk
