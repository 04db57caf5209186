#include "common/model/ids.h"

namespace baton {

std::string RequestKey::to_string() const {
  return flow.value.to_string() + "/" + atom + "/" + std::string(baton::to_string(intention)) + "/" +
         std::to_string(attempt);
}

}  // namespace baton
