#include "engine/child_links.h"

#include <algorithm>

#include "common/model/assert.h"
#include "engine/reaches.h"

namespace baton::engine {

void ChildLinks::add(ChildLink link) {
  const auto [found, fresh] =
      by_ends_.try_emplace(key(link.from, link.to), static_cast<std::uint32_t>(links_.size()));
  if (!fresh) {
    ChildLink& known = links_[found->second];
    if (link.when) known.when = link.when, known.depth = link.depth;
    return;
  }
  out_[link.from].push_back(found->second);
  in_[link.to].push_back(found->second);
  links_.push_back(link);
}

bool ChildLinks::precedes(ChildIndex before, ChildIndex after) const {
  return reaches(
      before, after,
      [this](ChildIndex child, auto visit) {
        for (const std::uint32_t link : out_[child]) visit(links_[link].to);
      },
      [this](ChildIndex child, auto visit) {
        for (const std::uint32_t link : in_[child]) visit(links_[link].from);
      });
}

std::vector<ChildIndex> ChildLinks::order() const {
  std::vector<std::size_t> missing(in_.size());
  std::vector<ChildIndex> order;
  for (ChildIndex child = 0; child < in_.size(); ++child) {
    missing[child] = in_[child].size();
    if (missing[child] == 0) order.push_back(child);
  }
  for (std::size_t next = 0; next < order.size(); ++next)
    for (const std::uint32_t link : out_[order[next]])
      if (--missing[links_[link].to] == 0) order.push_back(links_[link].to);
  return order;
}

std::vector<ChildLink> ChildLinks::cycle() const {
  const auto ordered = order();
  std::vector<bool> free(in_.size(), false);
  for (const ChildIndex child : ordered) free[child] = true;
  BATON_ASSERT(ordered.size() < in_.size());
  // Whatever has no place in the order has a predecessor without one: going back must meet a child twice.
  ChildIndex child = static_cast<ChildIndex>(std::find(free.begin(), free.end(), false) - free.begin());
  std::vector<std::uint32_t> back;
  std::vector<std::size_t> met(in_.size(), 0);  // child -> 1 + how many links had been walked there
  while (met[child] == 0) {
    met[child] = back.size() + 1;
    const auto blocked = std::find_if(in_[child].begin(), in_[child].end(),
                                      [&](std::uint32_t link) { return !free[links_[link].from]; });
    BATON_ASSERT(blocked != in_[child].end());
    back.push_back(*blocked);
    child = links_[*blocked].from;
  }
  std::vector<ChildLink> cycle;
  for (std::size_t i = back.size(); i >= met[child]; --i) cycle.push_back(links_[back[i - 1]]);
  return cycle;
}

}  // namespace baton::engine
