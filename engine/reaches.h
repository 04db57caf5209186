#pragma once

#include <cstdint>
#include <unordered_set>
#include <vector>

namespace baton::engine {

/// Does a way lead from one node to the other? `ahead(node, visit)` calls visit(next) for all that a node
/// leads to, `back(node, visit)` for all that lead to it. Looked for from both ends in turns, so it costs no
/// more than twice what the smaller of the two sides has.
template <class Ahead, class Back>
bool reaches(std::uint32_t from, std::uint32_t to, Ahead ahead, Back back) {
  struct Side {
    explicit Side(std::uint32_t origin) : open{origin}, seen{origin} {}
    std::vector<std::uint32_t> open;
    std::unordered_set<std::uint32_t> seen;
  } front(from), rear(to);
  bool met = from == to;
  const auto advance = [&met](Side& side, const Side& other, const auto& leads) {
    const std::uint32_t node = side.open.back();
    side.open.pop_back();
    leads(node, [&](std::uint32_t next) {
      if (!side.seen.insert(next).second) return;
      met = met || other.seen.contains(next);
      side.open.push_back(next);
    });
  };
  while (!met && !front.open.empty() && !rear.open.empty()) {
    advance(front, rear, ahead);
    if (!met) advance(rear, front, back);
  }
  return met;
}

}  // namespace baton::engine
