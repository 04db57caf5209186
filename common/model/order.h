#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/model/limits.h"
#include "common/model/value.h"

namespace baton {

/// What people ask of a job. The numbers are stored in Postgres: append only, never renumber.
/// From Rerun on they are asked of a run that has ended, and raise it.
enum class OrderKind : std::uint8_t {
  Suspend = 0,
  Resume = 1,
  Cancel = 2,
  Rerun = 3,
  RetryAtom = 4,
  SkipAtom = 5,
  MarkDone = 6
};

inline constexpr std::size_t kOrdersOpenMax =
    16;  // of a job, that wait for its flow's owner; more are refused
inline constexpr std::size_t kOrderWhoBytesMax = 255;           // a longer one is refused
inline constexpr std::size_t kOrderWhyBytesMax = 2048;          // … likewise
inline constexpr std::size_t kOrderResultBytesMax = 64 * kKiB;  // … likewise

std::string_view to_string(OrderKind);  // "suspend" …
std::optional<OrderKind> order_kind_from(std::string_view);

constexpr bool begins_run(OrderKind kind) {
  return kind >= OrderKind::Rerun;
}
constexpr bool names_atom(OrderKind kind) {
  return kind >= OrderKind::RetryAtom;
}

struct Order {
  OrderKind kind = OrderKind::Suspend;
  std::string who, why;  // for people; not checked
  bool keep = false;     // of a cancel: nothing is reverted; of a rerun: what succeeded is kept
  std::string atom;      // of RetryAtom, SkipAtom and MarkDone: its name
  Value result;          // of MarkDone: what the atom would have returned
};

}  // namespace baton
