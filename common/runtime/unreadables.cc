#include "common/runtime/unreadables.h"

#include <algorithm>
#include <utility>

#include "common/model/assert.h"
#include "common/model/name_list.h"
#include "common/runtime/log.h"

namespace baton::runtime {
namespace {

constexpr std::size_t kWhyBytesMax = 1'000;
constexpr std::size_t kFromBytesMax = 200;  // of one place
constexpr std::size_t kFromMax = 20;        // places that are named

constexpr std::string_view kTold = "from outside came what cannot be taken";

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
  static_assert(static_cast<std::size_t>(UnreadableKind::Advert) + 1 == kUnreadableKinds);  // the last above
  BATON_ASSERT(false);
  return {};
}

Unreadables::~Unreadables() {
  for (const auto& held : held_back_)
    if (held.timer) clock_.cancel(*held.timer);
}

void Unreadables::saw(UnreadableKind kind, std::string_view why, std::string_view from) {
  const auto so_far = ++counts_.by_kind[static_cast<std::size_t>(kind)];
  const auto shown_from = shown_name(from, kFromBytesMax);
  auto& held = held_back(kind);
  if (!held.timer) {
    Log().warning(kTold, {{"kind", to_string(kind)},
                          {"why", shown_name(why, kWhyBytesMax)},
                          {"from", shown_from},
                          {"so_far", so_far}});
    return begin_minute(kind);
  }
  ++held.number;
  held.why = shown_name(why, kWhyBytesMax);
  const bool is_new = std::find(held.from.begin(), held.from.end(), shown_from) == held.from.end();
  if (!is_new || from.empty()) return;
  if (held.from.size() < kFromMax)
    held.from.push_back(shown_from);
  else
    held.others = true;
}

void Unreadables::saw(UnreadableKind kind, std::string_view why, const Incarnation& from) {
  saw(kind, why, from.value.is_nil() ? std::string() : from.value.to_string());
}

void Unreadables::begin_minute(UnreadableKind kind) {
  held_back(kind).timer = clock_.after(kTogether, [this, kind] { end_minute(kind); });
}

void Unreadables::end_minute(UnreadableKind kind) {
  const auto held = std::exchange(held_back(kind), HeldBack{});
  if (held.number == 0) return;
  Log().warning(kTold, {{"kind", to_string(kind)},
                        {"why", held.why},
                        {"from", joined(held.from) + (held.others ? " and others" : "")},
                        {"held_back", held.number},
                        {"so_far", counts_.of(kind)}});
  begin_minute(kind);
}

}  // namespace baton::runtime
