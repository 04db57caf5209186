#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/flow.h"

namespace baton::engine {

using ChildIndex = std::uint32_t;  // a flow's children in the order in which they are listed

/// A link between two children of one graph flow. Points into the FlowSpec.
struct ChildLink {
  ChildIndex from = 0;
  ChildIndex to = 0;
  std::string_view symbol;     // the one it was inferred from; empty: the author's link
  const When* when = nullptr;  // its decider
  DeciderDepth depth = DeciderDepth::All;
};

/// The links of one graph flow, while it is built.
class ChildLinks {
 public:
  explicit ChildLinks(std::size_t children) : out_(children), in_(children) {}

  /// A second link between the same two adds its decider to the first, if it has one.
  void add(ChildLink);
  const std::vector<ChildLink>& all() const { return links_; }
  bool has_into(ChildIndex child) const { return !in_[child].empty(); }
  bool has_out_of(ChildIndex child) const { return !out_[child].empty(); }
  bool has(ChildIndex from, ChildIndex to) const { return by_ends_.contains(key(from, to)); }
  bool precedes(ChildIndex before, ChildIndex after) const;

  /// Topological order by generations, ties by insertion; shorter than the children if there is a cycle.
  std::vector<ChildIndex> order() const;
  /// The links of one cycle, in order. Only if order() was too short.
  std::vector<ChildLink> cycle() const;

 private:
  static std::uint64_t key(ChildIndex from, ChildIndex to) { return (std::uint64_t{from} << 32) | to; }

  std::vector<ChildLink> links_;
  std::vector<std::vector<std::uint32_t>> out_, in_;          // per child: indexes of links
  std::unordered_map<std::uint64_t, std::uint32_t> by_ends_;  // (from, to) -> index of its link
};

}  // namespace baton::engine
