#include "common/runtime/unreadables.h"

#include "common/model/assert.h"
#include "common/model/name_list.h"

namespace baton::runtime {
namespace {

constexpr std::size_t kShownBytesMax = 500;  // of why and from where

}  // namespace

std::string_view to_string(UnreadableKind kind) {
  switch (kind) {
    case UnreadableKind::Message:
      return "message";
    case UnreadableKind::Version:
      return "version";
    case UnreadableKind::Misplaced:
      return "misplaced";
    case UnreadableKind::Unsupported:
      return "unsupported";
    case UnreadableKind::Posting:
      return "posting";
    case UnreadableKind::Advert:
      return "advert";
  }
  BATON_ASSERT(false);
  return {};
}

void Unreadables::saw(UnreadableKind kind, std::string_view why, std::string_view from) {
  const auto index = static_cast<std::size_t>(kind);
  ++counts_.by_kind[index];
  told_[index].write(Log(), LogLevel::Warning, clock_.steady(), "from outside came what cannot be taken",
                     {{"kind", to_string(kind)},
                      {"why", shown_name(why, kShownBytesMax)},
                      {"from", shown_name(from, kShownBytesMax)},
                      {"so_far", counts_.by_kind[index]}});
}

}  // namespace baton::runtime
