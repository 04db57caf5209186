#include "common/ports/directory.h"

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

}  // namespace baton::ports
