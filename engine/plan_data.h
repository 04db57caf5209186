#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/plan.h"
#include "engine/text_table.h"

namespace baton::engine {

/// Nodes of the execution graph: atoms first (a node's index is its atom's), then for each flow its start and
/// its end, which do no work and hold no state (semantics.md 1).
using NodeIndex = std::uint32_t;
using FlowIndex = std::uint32_t;
inline constexpr FlowIndex kNoFlow = ~FlowIndex{0};

using Edge = std::pair<NodeIndex, NodeIndex>;

/// All neighbours in one array: those of node n are to[first[n]] … to[first[n + 1] - 1], in the order in
/// which the edges were made.
struct Adjacency {
  std::vector<std::uint32_t> first;
  std::vector<NodeIndex> to;

  std::span<const NodeIndex> of(NodeIndex node) const {
    return {to.data() + first[node], to.data() + first[node + 1]};
  }
};

struct PlanFlow {
  std::string name;
  FlowIndex parent = kNoFlow;  // kNoFlow: the root
  Pattern pattern = Pattern::Linear;
  AtomIndex retry = kNoAtom;  // its own
  AtomIndex first = 0;        // its atoms, nested ones included, are [first, first + count)
  AtomIndex count = 0;
  std::uint32_t rank = 0;  // its atoms' ranks are [rank, rank + count)
};

struct PlanAtom {
  AtomKind kind = AtomKind::Task;
  FlowIndex flow = 0;         // the innermost around it
  AtomIndex retry = kNoAtom;  // the one that is asked when it fails (semantics.md 2)
  std::uint32_t rank = 0;     // its place in the order in which symbols are looked up: graphs topologically
  std::uint32_t spec = 0;     // in tasks or retries
};

/// An atom that provides a symbol: the `item`th of its provides.
struct Offer {
  std::uint32_t rank = 0;
  AtomIndex atom = kNoAtom;
  std::uint32_t item = 0;
};

/// All offers, those of one symbol beside each other and ascending by rank.
class Offers {
 public:
  Offers() = default;
  explicit Offers(const PlanData&);

  std::span<const Offer> of(std::string_view symbol) const { return of_number(number_of(symbol)); }
  /// A symbol's number finds its offers without its text; kNone: nobody offers it.
  static constexpr std::uint32_t kNone = TextTable::kNone;
  std::uint32_t number_of(std::string_view symbol) const;
  std::span<const Offer> of_number(std::uint32_t) const;
  /// The offers of each symbol, in the order in which they were met.
  std::vector<std::span<const Offer>> by_symbol() const;

 private:
  std::vector<Offer> offers_;
  std::vector<std::uint32_t> first_;       // of each symbol; one more, for the end of the last
  std::vector<const std::string*> names_;  // of each symbol, where the plan has it
  TextTable symbols_;
};

struct Decider {
  NodeIndex from = 0;
  NodeIndex to = 0;
  When when;
  DeciderDepth depth = DeciderDepth::All;
};

/// A plan's inside. The first part is what the compiler makes and the codec stores; the second follows from
/// it (index_plan).
struct PlanData {
  std::vector<PlanFlow> flows;  // [0] is the root; in definition order, depth first
  std::vector<PlanAtom> atoms;
  std::vector<TaskSpec> tasks;
  std::vector<RetrySpec> retries;
  std::vector<Edge> edges;
  std::vector<Decider> deciders;  // ascending by `to`, then in the order of the links
  Symbols store;

  Adjacency successors, predecessors;
  bool has_irreversible = false;  // some task is
  TextTable names;                // of atoms
  Offers offers;
  Adjacency symbols_taken;  // by each task's execute: their numbers in `offers`, as arguments_of() lists them

  std::size_t node_count() const { return atoms.size() + 2 * flows.size(); }
  bool is_atom(NodeIndex node) const { return node < atoms.size(); }
  bool is_start(NodeIndex node) const { return !is_atom(node) && (node - atoms.size()) % 2 == 0; }
  bool is_end(NodeIndex node) const { return !is_atom(node) && (node - atoms.size()) % 2 == 1; }
  bool is_task(NodeIndex node) const { return is_atom(node) && atoms[node].kind == AtomKind::Task; }
  FlowIndex flow_of_end(NodeIndex node) const { return static_cast<FlowIndex>((node - atoms.size()) / 2); }
  NodeIndex start_of(FlowIndex flow) const { return static_cast<NodeIndex>(atoms.size() + 2 * flow); }
  NodeIndex end_of(FlowIndex flow) const { return start_of(flow) + 1; }

  const std::string& name(AtomIndex) const;
  const Provides& provides(AtomIndex) const;
  const std::string& symbol(const Offer& offer) const { return provides(offer.atom).symbols[offer.item]; }
  AtomIndex find(std::string_view name) const;  // kNoAtom: none
};

/// Fills the second part from the first, in which a requirement that is named twice is struck out once.
/// False: two atoms have one name (`names` then holds one of them).
bool index_plan(PlanData&);

}  // namespace baton::engine
