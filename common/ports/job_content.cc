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

std::uint32_t flow_version_of(const Posting& posting) {
  const auto details = posting.details.tree();
  const auto* object = details.if_object();
  const auto* file = object ? object->if_contains("flow_file") : nullptr;
  const auto* version = file && file->is_object() ? file->get_object().if_contains("version") : nullptr;
  const auto* number = version ? version->if_int64() : nullptr;
  return number && *number > 0 && *number <= kFlowFileVersionsMax ? static_cast<std::uint32_t>(*number) : 0;
}

}  // namespace baton::ports
