#include <baton/states.h>

#include "common/model/states.h"

namespace baton::embed {

std::string_view to_string(AtomState state) {
  return baton::to_string(static_cast<baton::AtomState>(state));
}

std::string_view to_string(FlowState state) {
  return baton::to_string(static_cast<baton::FlowState>(state));
}

}  // namespace baton::embed
