#include "common/runtime/named_uuid.h"

#include <algorithm>
#include <boost/uuid/name_generator_sha1.hpp>

namespace baton::runtime {

Uuid named_uuid(const Uuid& space, std::string_view name) {
  boost::uuids::uuid in;
  std::copy(space.bytes.begin(), space.bytes.end(), in.begin());
  const auto made = boost::uuids::name_generator_sha1(in)(name.data(), name.size());
  Uuid uuid;
  std::copy(made.begin(), made.end(), uuid.bytes.begin());
  return uuid;
}

}  // namespace baton::runtime
