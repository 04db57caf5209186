#include "common/ports/directory.h"

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

std::string death_note(const std::string& job) {
  return job.empty() ? "{}" : "{\"job\": " + quoted(job) + "}";
}

std::string job_of_death_note(std::string_view note) {
  const auto value = Value::parse(note);
  const auto tree = value.ok() ? value->tree() : boost::json::value{};
  const auto* object = tree.if_object();
  const auto* job = object ? object->if_contains("job") : nullptr;
  const auto* text = job ? job->if_string() : nullptr;
  return text ? std::string(text->data(), text->size()) : std::string{};
}

}  // namespace baton::ports
