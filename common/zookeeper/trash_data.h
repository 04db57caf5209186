#pragma once

#include <string>
#include <string_view>

namespace baton::zookeeper {

/// What is written to the trash: the posting's own bytes, with "trash_reason" as the last member where they
/// are a JSON object that has none yet and room for it; any other bytes as they are.
std::string with_trash_reason(std::string_view posting, std::string_view reason);

}  // namespace baton::zookeeper
