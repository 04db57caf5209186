#include "engine/plan_data.h"

#include <algorithm>

#include "common/model/assert.h"

namespace baton::engine {
namespace {

Adjacency adjacency(std::size_t nodes, const std::vector<Edge>& edges, NodeIndex Edge::*key,
                    NodeIndex Edge::*other) {
  Adjacency rows;
  rows.first.assign(nodes + 1, 0);
  for (const Edge& edge : edges) ++rows.first[edge.*key + 1];
  for (std::size_t node = 0; node < nodes; ++node) rows.first[node + 1] += rows.first[node];
  rows.to.resize(edges.size());
  std::vector<std::uint32_t> next(rows.first.begin(), rows.first.end() - 1);
  for (const Edge& edge : edges) rows.to[next[edge.*key]++] = edge.*other;
  return rows;
}

std::vector<Offer> offers_by_rank(const PlanData& plan) {
  std::vector<AtomIndex> by_rank(plan.atoms.size());
  for (AtomIndex atom = 0; atom < plan.atoms.size(); ++atom) by_rank[plan.atoms[atom].rank] = atom;
  std::vector<Offer> offers;
  for (const AtomIndex atom : by_rank)
    for (std::uint32_t item = 0; item < plan.provides(atom).symbols.size(); ++item)
      offers.push_back({plan.atoms[atom].rank, atom, item});
  return offers;
}

}  // namespace

const std::string& PlanData::name(AtomIndex atom) const {
  const PlanAtom& entry = atoms[atom];
  return entry.kind == AtomKind::Task ? tasks[entry.spec].name : retries[entry.spec].name;
}

const Provides& PlanData::provides(AtomIndex atom) const {
  const PlanAtom& entry = atoms[atom];
  return entry.kind == AtomKind::Task ? tasks[entry.spec].provides : retries[entry.spec].provides;
}

AtomIndex PlanData::find(std::string_view wanted) const {
  static_assert(TextTable::kNone == kNoAtom);
  return names.find(wanted, [this](AtomIndex atom) -> std::string_view { return name(atom); });
}

Offers::Offers(const PlanData& plan) {
  const std::vector<Offer> all = offers_by_rank(plan);
  symbols_ = TextTable(all.size());
  std::vector<std::uint32_t> group_of, first_offer;  // of each offer; of each group
  const auto symbol_of = [&](std::uint32_t group) -> std::string_view {
    return plan.symbol(all[first_offer[group]]);
  };
  for (std::uint32_t i = 0; i < all.size(); ++i) {
    const auto fresh = static_cast<std::uint32_t>(first_offer.size());
    group_of.push_back(symbols_.find_or_add(plan.symbol(all[i]), fresh, symbol_of));
    if (group_of.back() == fresh) first_offer.push_back(i);
  }
  first_.assign(first_offer.size() + 1, 0);
  for (const std::uint32_t group : group_of) ++first_[group + 1];
  for (std::size_t group = 1; group < first_.size(); ++group) first_[group] += first_[group - 1];
  offers_.resize(all.size());
  std::vector<std::uint32_t> next(first_.begin(), first_.end() - 1);
  for (std::size_t i = 0; i < all.size(); ++i) offers_[next[group_of[i]]++] = all[i];
}

std::span<const Offer> Offers::group(std::uint32_t number) const {
  return {offers_.data() + first_[number], offers_.data() + first_[number + 1]};
}

std::span<const Offer> Offers::of(const PlanData& plan, std::string_view symbol) const {
  const std::uint32_t found = symbols_.find(
      symbol, [&](std::uint32_t number) -> std::string_view { return plan.symbol(group(number).front()); });
  return found == TextTable::kNone ? std::span<const Offer>() : group(found);
}

std::vector<std::span<const Offer>> Offers::by_symbol() const {
  std::vector<std::span<const Offer>> groups;
  for (std::uint32_t number = 0; number + 1 < first_.size(); ++number) groups.push_back(group(number));
  return groups;
}

bool index_plan(PlanData& plan) {
  plan.successors = adjacency(plan.node_count(), plan.edges, &Edge::first, &Edge::second);
  plan.predecessors = adjacency(plan.node_count(), plan.edges, &Edge::second, &Edge::first);
  std::stable_sort(plan.deciders.begin(), plan.deciders.end(),
                   [](const Decider& a, const Decider& b) { return a.to < b.to; });
  plan.has_irreversible = std::any_of(plan.tasks.begin(), plan.tasks.end(),
                                      [](const TaskSpec& task) { return task.irreversible; });
  plan.offers = Offers(plan);
  plan.names = TextTable(plan.atoms.size());
  const auto name_of = [&](AtomIndex atom) -> std::string_view { return plan.name(atom); };
  bool unique = true;
  for (AtomIndex atom = 0; atom < plan.atoms.size(); ++atom)
    unique = plan.names.find_or_add(plan.name(atom), atom, name_of) == atom && unique;
  return unique;
}

}  // namespace baton::engine
