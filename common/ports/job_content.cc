#include "common/ports/job_content.h"

namespace baton::ports {

std::string content_of(const Posting& posting) {
  return quoted(posting.name) + "\n" + std::string(posting.details.json()) + "\n" +
         (posting.book ? std::string(posting.book->json()) : std::string());
}

std::string flow_name_of(const Posting& posting) {
  const auto details = posting.details.tree();
  const auto* object = details.if_object();
  if (!object) return {};
  for (const char* way : {"factory", "flow_file", "flow"}) {
    const auto* member = object->if_contains(way);
    if (!member || !member->is_object()) continue;
    const auto* name = member->get_object().if_contains("name");
    if (name && name->is_string()) return std::string(name->get_string());
  }
  return {};
}

}  // namespace baton::ports
