#include "engine/plan_data.h"

#include <algorithm>
#include <unordered_set>

#include "common/model/assert.h"
#include "engine/arguments.h"

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

/// An argument that is named twice is one.
std::vector<std::string> each_once(const std::vector<std::string>& names) {
  std::vector<std::string> once;
  std::unordered_set<std::string_view> seen;
  for (const std::string& name : names)
    if (seen.insert(name).second) once.push_back(name);
  return once;
}

template <class Spec>
void strike_out_repeats(std::vector<Spec>& specs) {
  for (Spec& spec : specs) {
    if (spec.requirements.size() > 1) spec.requirements = each_once(spec.requirements);
    if constexpr (std::is_same_v<Spec, TaskSpec>)
      if (spec.revert_requirements.size() > 1) spec.revert_requirements = each_once(spec.revert_requirements);
  }
}

Adjacency symbols_taken(const PlanData& plan) {
  Adjacency taken;
  taken.first.reserve(plan.atoms.size() + 1);
  taken.first.push_back(0);
  for (AtomIndex atom = 0; atom < plan.atoms.size(); ++atom) {
    if (plan.is_task(atom))
      for (const Argument& argument : arguments_of(plan.tasks[plan.atoms[atom].spec], Intention::Execute))
        taken.to.push_back(plan.offers.number_of(argument.symbol));
    taken.first.push_back(static_cast<std::uint32_t>(taken.to.size()));
  }
  taken.to.shrink_to_fit();
  return taken;
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
  std::vector<std::uint32_t> group_of;  // of each offer
  group_of.reserve(all.size());
  const auto symbol_of = [&](std::uint32_t group) -> std::string_view { return *names_[group]; };
  for (const Offer& offer : all) {
    const auto fresh = static_cast<std::uint32_t>(names_.size());
    group_of.push_back(symbols_.find_or_add(plan.symbol(offer), fresh, symbol_of));
    if (group_of.back() == fresh) names_.push_back(&plan.symbol(offer));
  }
  first_.assign(names_.size() + 1, 0);
  for (const std::uint32_t group : group_of) ++first_[group + 1];
  for (std::size_t group = 1; group < first_.size(); ++group) first_[group] += first_[group - 1];
  offers_.resize(all.size());
  std::vector<std::uint32_t> next(first_.begin(), first_.end() - 1);
  for (std::size_t i = 0; i < all.size(); ++i) offers_[next[group_of[i]]++] = all[i];
}

std::span<const Offer> Offers::of_number(std::uint32_t number) const {
  if (number == kNone) return {};
  return {offers_.data() + first_[number], offers_.data() + first_[number + 1]};
}

std::uint32_t Offers::number_of(std::string_view symbol) const {
  return symbols_.find(symbol, [&](std::uint32_t number) -> std::string_view { return *names_[number]; });
}

std::vector<std::span<const Offer>> Offers::by_symbol() const {
  std::vector<std::span<const Offer>> groups;
  for (std::uint32_t number = 0; number + 1 < first_.size(); ++number) groups.push_back(of_number(number));
  return groups;
}

bool index_plan(PlanData& plan) {
  plan.successors = adjacency(plan.node_count(), plan.edges, &Edge::first, &Edge::second);
  plan.predecessors = adjacency(plan.node_count(), plan.edges, &Edge::second, &Edge::first);
  std::stable_sort(plan.deciders.begin(), plan.deciders.end(),
                   [](const Decider& a, const Decider& b) { return a.to < b.to; });
  plan.has_irreversible = std::any_of(plan.tasks.begin(), plan.tasks.end(),
                                      [](const TaskSpec& task) { return task.irreversible; });
  strike_out_repeats(plan.tasks);
  strike_out_repeats(plan.retries);
  plan.offers = Offers(plan);
  plan.symbols_taken = symbols_taken(plan);
  plan.names = TextTable(plan.atoms.size());
  const auto name_of = [&](AtomIndex atom) -> std::string_view { return plan.name(atom); };
  bool unique = true;
  for (AtomIndex atom = 0; atom < plan.atoms.size(); ++atom)
    unique = plan.names.find_or_add(plan.name(atom), atom, name_of) == atom && unique;
  return unique;
}

}  // namespace baton::engine
