#include "client/command/context.h"

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

namespace baton::client {

std::string job_target(const std::string& uuid) {
  return "/v1/jobs/" + boost::urls::encode(uuid, boost::urls::unreserved_chars);
}

std::string flow_target(const std::string& name) {
  return "/v1/flows/" + boost::urls::encode(name, boost::urls::unreserved_chars);
}

std::string hook_target(const std::string& name) {
  return "/v1/hooks/" + boost::urls::encode(name, boost::urls::unreserved_chars);
}

std::string hook_call_target(const std::string& id) {
  return "/v1/hook-calls/" + boost::urls::encode(id, boost::urls::unreserved_chars);
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

std::vector<std::string> texts_of(const boost::json::value& array) {
  std::vector<std::string> texts;
  for (const auto& text : array.as_array()) texts.emplace_back(text.as_string());
  return texts;
}

std::int64_t number_of(const boost::json::value& value, const char* member) {
  const auto* object = value.if_object();
  const auto* found = object ? object->if_contains(member) : nullptr;
  return found && found->is_number() ? found->to_number<std::int64_t>() : 0;
}

std::int64_t whole_number_of(const boost::json::value& value, const char* member) {
  const auto* object = value.if_object();
  const auto* found = object ? object->if_contains(member) : nullptr;
  boost::json::error_code inexact;
  const auto number = found && found->is_number() ? found->to_number<std::int64_t>(inexact) : 0;
  return inexact ? 0 : number;
}

}  // namespace baton::client
