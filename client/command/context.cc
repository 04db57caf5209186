#include "client/command/context.h"

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <ostream>

namespace baton::client {

std::string job_target(const std::string& uuid) {
  return "/v1/jobs/" + boost::urls::encode(uuid, boost::urls::unreserved_chars);
}

void add_query(std::string& target, const std::string& name, const std::string& value) {
  target += target.find('?') == std::string::npos ? '?' : '&';
  target += name + "=" + boost::urls::encode(value, boost::urls::unreserved_chars);
}

std::string text_of(const boost::json::value& value, const char* member) {
  const auto* object = value.if_object();
  const auto* found = object ? object->if_contains(member) : nullptr;
  return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

std::int64_t number_of(const boost::json::value& value, const char* member) {
  const auto* object = value.if_object();
  const auto* found = object ? object->if_contains(member) : nullptr;
  return found && found->is_number() ? found->to_number<std::int64_t>() : 0;
}

Ended refuse(const Context& context, const Unreachable& error) {
  context.err << "baton: " << error.message << '\n';
  return Ended::Unreachable;
}

Ended refuse(const Context& context, const Answer& answer) {
  context.err << "baton: " << text_of(answer.body, "title") << " (" << answer.status << ")\n";
  if (const auto detail = text_of(answer.body, "detail"); !detail.empty())
    context.err << "  " << detail << '\n';
  const auto* errors = answer.body.is_object() ? answer.body.get_object().if_contains("errors") : nullptr;
  if (errors && errors->is_array())
    for (const auto& error : errors->get_array())
      context.err << "  " << text_of(error, "pointer") << " " << text_of(error, "detail") << '\n';
  return Ended::Refused;
}

}  // namespace baton::client
