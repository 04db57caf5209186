#include "common/ports/directory.h"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "common/model/value.h"

namespace baton::ports {

std::string_view to_string(AdvertState state) {
  switch (state) {
    case AdvertState::Ready:
      return "READY";
    case AdvertState::Draining:
      return "DRAINING";
    case AdvertState::Unreachable:
      return "UNREACHABLE";
  }
  BATON_ASSERT(false);
  return {};
}

std::optional<AdvertState> advert_state_from(std::string_view name) {
  for (const auto state : {AdvertState::Ready, AdvertState::Draining, AdvertState::Unreachable})
    if (to_string(state) == name) return state;
  return std::nullopt;
}

std::string task_name(const FlowId& flow, std::string_view atom) {
  return flow.value.to_string().append("/").append(atom);
}

std::string to_json(const DeathNote& note) {
  boost::json::object json;
  if (!note.job.empty()) json["job"] = note.job;
  if (note.tasks) {
    auto& names = json["tasks"].emplace_array();
    for (const auto& name : note.tasks->names) names.emplace_back(name);
    if (!note.tasks->crash.empty()) json["crash"] = note.tasks->crash;
  }
  return boost::json::serialize(json);
}

DeathNote death_note_from_json(std::string_view text) {
  const auto value = Value::parse(text);
  const auto tree = value.ok() ? value->tree() : boost::json::value{};
  const auto* object = tree.if_object();
  const auto member = [&](const char* key) { return object ? object->if_contains(key) : nullptr; };
  const auto text_of = [](const boost::json::value* said) {
    return said && said->is_string() ? std::string(said->get_string()) : std::string();
  };
  DeathNote note;
  note.job = text_of(member("job"));
  const auto* tasks = member("tasks");
  if (!tasks || !tasks->is_array()) return note;
  LastTasks last{{}, text_of(member("crash"))};
  for (const auto& name : tasks->get_array()) last.names.insert(text_of(&name));
  if (!last.names.contains(""))
    note.tasks = std::move(last);  // names that are none tell nothing of the others
  return note;
}

}  // namespace baton::ports
