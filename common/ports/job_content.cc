#include "common/ports/job_content.h"

#include <boost/json/serialize.hpp>

#include "common/model/json_view.h"

namespace baton::ports {
namespace {

/// Blanks and the ways to write a fraction (1.0, 10e-1) or a character do not make another job; 1 and 1.0 are
/// two. Digits beyond those of a double do not count.
std::string without_layout(const boost::json::value& tree) {
  return boost::json::serialize(tree);
}

boost::json::value without_reason(const boost::json::value& details) {
  if (!details.is_object()) return details;
  boost::json::object kept;
  for (const auto& member : details.get_object())
    if (member.key() != "reason") kept.insert(member);
  return kept;
}

}  // namespace

std::string content_of(const Posting& posting) {
  return quoted(posting.name) + "\n" + without_layout(without_reason(posting.details.tree())) + "\n" +
         (posting.book ? without_layout(posting.book->tree()) : std::string());
}

std::string reason_of(const Posting& posting) {
  const auto details = posting.details.tree();
  const auto* reason = details.is_object() ? details.get_object().if_contains("reason") : nullptr;
  return reason && reason->is_string() ? std::string(reason->get_string()) : std::string();
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
  const JsonView details(posting.details);
  const auto is_object = [](const JsonView& view) { return view.kind() == JsonView::Kind::Object; };
  const auto file = is_object(details) ? details.at("flow_file") : std::nullopt;
  const auto version = file && is_object(*file) ? file->at("version") : std::nullopt;
  const bool is_number = version && version->kind() == JsonView::Kind::Number;
  const std::int64_t number = is_number ? version->integer().value_or(0) : 0;
  return number > 0 && number <= kFlowFileVersionsMax ? static_cast<std::uint32_t>(number) : 0;
}

}  // namespace baton::ports
