#include "conductor/api/text_member.h"

namespace baton::api {

Result<std::string, std::string> text_member(const boost::json::object& object, const std::string& name,
                                             std::size_t least, std::size_t most) {
  const auto* value = object.if_contains(name);
  const auto* string = value ? value->if_string() : nullptr;
  if (string && string->size() >= least && string->size() <= most)
    return std::string(string->data(), string->size());
  const std::string found = !value   ? "is missing"
                            : string ? "has " + std::to_string(string->size()) + " bytes"
                                     : "is no string";
  return Fail("'" + name + "' " + found + "; wanted: a string of " + std::to_string(least) + " to " +
              std::to_string(most) + " bytes");
}

}  // namespace baton::api
