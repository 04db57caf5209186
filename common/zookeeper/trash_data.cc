#include "common/zookeeper/trash_data.h"

#include <boost/json/value.hpp>

#include "common/model/name_list.h"
#include "common/model/value.h"

namespace baton::zookeeper {
namespace {

constexpr std::size_t kReasonBytesMax = 4 * kKiB;   // longer reasons are cut
constexpr std::size_t kNodeBytesMax = 1000 * kKiB;  // below jute.maxbuffer, with room for the path

}  // namespace

std::string with_trash_reason(std::string_view posting, std::string_view reason) {
  const auto value = Value::parse(posting, kMiB);
  if (!value.ok()) return std::string(posting);
  const auto tree = value->tree();
  const auto* object = tree.if_object();
  if (!object || object->contains("trash_reason")) return std::string(posting);
  // Not through the tree: it would write other bytes for the same numbers.
  std::string text(value->json());
  text.pop_back();
  text += object->empty() ? "" : ", ";
  text += "\"trash_reason\": ";
  text += Value::of_string(shown_name(reason, kReasonBytesMax)).json();
  text += "}";
  return text.size() > kNodeBytesMax ? std::string(posting) : text;
}

}  // namespace baton::zookeeper
