#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace baton {

/// What people ask of a job. The numbers are stored in Postgres: append only, never renumber.
enum class OrderKind : std::uint8_t { Suspend = 0, Resume = 1, Cancel = 2 };

inline constexpr std::size_t kOrdersOpenMax =
    16;  // of a job, that wait for its flow's owner; more are refused
inline constexpr std::size_t kOrderWhoBytesMax = 255;   // a longer one is refused
inline constexpr std::size_t kOrderWhyBytesMax = 2048;  // … likewise

std::string_view to_string(OrderKind);  // "suspend" …
std::optional<OrderKind> order_kind_from(std::string_view);

struct Order {
  OrderKind kind = OrderKind::Suspend;
  std::string who, why;  // for people; not checked
  bool keep = false;     // of a cancel: nothing is reverted
};

}  // namespace baton
