#include "common/model/order.h"

#include <array>

#include "common/model/assert.h"

namespace baton {
namespace {

constexpr std::array<std::string_view, 7> kNames{"suspend", "resume", "cancel", "rerun",
                                                 "retry",   "skip",   "done"};

}  // namespace

std::string_view to_string(OrderKind kind) {
  const auto index = static_cast<std::size_t>(kind);
  BATON_ASSERT(index < kNames.size());
  return kNames[index];
}

std::optional<OrderKind> order_kind_from(std::string_view text) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (kNames[i] == text) return static_cast<OrderKind>(i);
  return std::nullopt;
}

}  // namespace baton
