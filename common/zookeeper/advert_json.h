#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/ports/directory.h"

namespace baton::zookeeper {

/// The directory's nodes: JSON that people can read with zkCli. Readers ignore members that they do not know;
/// nothing comes back of bytes that are no advert or member (another version's, or a stranger's).
std::string to_json(const ports::Advert&);
std::string to_json(const ports::Member&);
std::optional<ports::Advert> advert_from_json(std::string_view);
std::optional<ports::Member> member_from_json(std::string_view);

/// TaskFlow's record of a conductor, for its own listing of entities:
/// {"kind": "conductor", "name": "<name>@<host>:<pid>", "metadata": {"hostname", "pid"}}.
std::string entity_name(const ports::Member&);
std::string entity_json(const ports::Member&);

}  // namespace baton::zookeeper
