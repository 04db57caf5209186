#include "common/zookeeper/lock_data.h"

#include <boost/json/value.hpp>

#include "common/model/limits.h"
#include "common/model/name_list.h"
#include "common/model/value.h"
#include "common/zookeeper/session_file.h"

namespace baton::zookeeper {

std::string lock_data(std::string_view owner, std::int64_t session, Incarnation incarnation) {
  return "{\"owner\": " + quoted(owner) + ", \"session\": \"" + session_hex(session) +
         "\", \"incarnation\": \"" + incarnation.value.to_string() + "\"}";
}

std::string owner_in(std::string_view lock_data) {
  if (const auto value = Value::parse(lock_data); value.ok()) {
    const auto tree = value->tree();
    const auto* object = tree.if_object();
    const auto* owner = object ? object->if_contains("owner") : nullptr;
    if (owner && owner->is_string() && !owner->get_string().empty())
      return shown_name({owner->get_string().data(), owner->get_string().size()}, kNameBytesMax);
  }
  return "(unreadable lock)";
}

}  // namespace baton::zookeeper
