#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>

#include "common/model/states.h"
#include "common/model/uuid.h"

namespace baton {

/// A value that is an id of one kind only: a JobId where a FlowId is wanted does not compile.
template <class Tag, class V>
struct Id {
  V value{};
  Id() = default;
  explicit Id(V v) : value(std::move(v)) {}
  auto operator<=>(const Id&) const = default;
};

using JobId = Id<struct JobTag, std::string>;         // a poster's uuid: any string
using FlowId = Id<struct FlowTag, Uuid>;              // ours, one a job for its whole life (all runs)
using Incarnation = Id<struct IncarnationTag, Uuid>;  // one life of one process, made at its start

/// Index of an atom in its plan (definition order, depth first, a flow's retry before its nodes).
using AtomIndex = std::uint32_t;
inline constexpr AtomIndex kNoAtom = ~AtomIndex{0};

/// Counts an atom's moves to RUNNING over the flow's whole life; never falls.
using Attempt = std::uint32_t;

/// Grows with every delivery, redelivery and revert of an atom; high 32 bits are the board's generation.
/// Never reused.
using Dispatch = std::uint64_t;
inline constexpr Dispatch first_dispatch_of(std::uint32_t generation) {
  return Dispatch{generation} << 32;
}

/// A claim's fence: strictly larger for every later claim of a job, also after a wipe or restore of
/// ZooKeeper.
struct Epoch {
  std::uint32_t generation = 0;
  std::int64_t lock_czxid = 0;
  auto operator<=>(const Epoch&) const = default;
};

/// One delivery's identity, the same in Kafka, Postgres, logs and at the vendor: the idempotency key.
/// The fencing token is (flow, atom, dispatch).
struct RequestKey {
  FlowId flow;
  std::string atom;
  Intention intention = Intention::Execute;
  Attempt attempt = 0;
  auto operator<=>(const RequestKey&) const = default;
  std::string to_string() const;  // "<flow>/<atom>/EXECUTE/3"
};

}  // namespace baton

template <class Tag, class V>
struct std::hash<baton::Id<Tag, V>> {
  std::size_t operator()(const baton::Id<Tag, V>& id) const noexcept { return std::hash<V>{}(id.value); }
};
