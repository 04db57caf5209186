#include "engine/symbol_inference.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <unordered_set>

#include "engine/arguments.h"
#include "engine/flow_error.h"

namespace baton::engine {
namespace {

using Problem = std::optional<FlowError>;
using SymbolList = std::vector<std::string_view>;

SymbolList each_once(SymbolList symbols) {
  std::sort(symbols.begin(), symbols.end());
  symbols.erase(std::unique(symbols.begin(), symbols.end()), symbols.end());
  return symbols;
}

SymbolList gives_of(const Provides& provides) {
  return each_once({provides.symbols.begin(), provides.symbols.end()});
}
SymbolList gives_of(const ChildDraft& child) {
  return child.task ? gives_of(child.task->provides) : child.flow->gives;
}
SymbolList needs_of_child(const ChildDraft& child) {
  return child.task ? needs_of(*child.task) : child.flow->needs;
}
SymbolList without(const SymbolList& symbols, const SymbolList& others) {
  SymbolList rest;
  std::set_difference(symbols.begin(), symbols.end(), others.begin(), others.end(), std::back_inserter(rest));
  return rest;
}
SymbolList retry_gives(const FlowDraft& flow) {
  return flow.spec->retry ? gives_of(flow.spec->retry->provides) : SymbolList();
}
SymbolList retry_needs(const FlowDraft& flow) {
  return flow.spec->retry ? needs_of(*flow.spec->retry) : SymbolList();
}

std::string quoted_name(std::string_view name) {
  return "'" + std::string(name) + "'";
}

std::string kind_and_name(const ChildDraft& child) {
  return (child.task ? "task " : "flow ") + quoted_name(child.name());
}

Problem refuse(const FlowDraft& flow, std::string kind, Mistake mistake) {
  return flow_error("build", std::move(kind), path_of(flow), std::move(mistake));
}

/// The links that the author wrote.
class ManualLinks {
 public:
  explicit ManualLinks(FlowDraft& flow) : flow_(flow) {
    for (ChildIndex child = 0; child < flow.children.size(); ++child)
      by_name_[flow.children[child].name()].push_back(child);
  }

  Problem run() {
    for (const LinkSpec& link : flow_.spec->links) {
      if (!link.when && link.depth)
        return refuse(flow_, "ValueError",
                      {shown(link) + " has a depth but no decider", "add \"when\", or leave \"depth\" out"});
      for (const std::string* name : {&link.from, &link.to})
        if (Problem problem = check_end(link, *name)) return problem;
      flow_.links->add({by_name_[link.from].front(),
                        by_name_[link.to].front(),
                        {},
                        link.when ? &*link.when : nullptr,
                        link.depth.value_or(DeciderDepth::All)});
    }
    return std::nullopt;
  }

 private:
  static std::string shown(const LinkSpec& link) {
    return "the link " + quoted_name(link.from) + " -> " + quoted_name(link.to);
  }

  std::size_t tasks_of(const std::vector<ChildIndex>& children) const {
    std::size_t tasks = 0;
    for (const ChildIndex child : children)
      if (std::holds_alternative<TaskSpec>(flow_.spec->nodes[child])) ++tasks;
    return tasks;
  }

  Problem check_end(const LinkSpec& link, const std::string& name) {
    const auto found = by_name_.find(name);
    if (found != by_name_.end() && (found->second.size() == 1 || tasks_of(found->second) > 1))
      return std::nullopt;  // two tasks of one name: refused as Duplicate, which says it better
    if (found != by_name_.end())
      return refuse(
          flow_, "ValueError",
          {shown(link) + ": more than one node has the name " + quoted_name(name), "give each its own name"});
    std::string known;
    for (const ChildDraft& child : flow_.children) {
      if (known.size() > 200) {
        known += ", …";
        break;
      }
      known += (known.empty() ? "" : ", ") + quoted_name(child.name());
    }
    return refuse(flow_, "ValueError",
                  {shown(link) + ": " + quoted_name(name) +
                       " is no direct child of the flow\n  its children: " + (known.empty() ? "none" : known),
                   "link the flow that it is in, or add it here"});
  }

  FlowDraft& flow_;
  std::unordered_map<std::string_view, std::vector<ChildIndex>> by_name_;
};

bool precedes_any(const ChildLinks& links, const std::vector<ChildIndex>& providers, ChildIndex child) {
  // Usually the symbol has linked them; only if not, a way is looked for.
  const auto linked = [&](ChildIndex provider) { return provider != child && links.has(provider, child); };
  const auto before = [&](ChildIndex provider) {
    return provider != child && links.precedes(provider, child);
  };
  return std::any_of(providers.begin(), providers.end(), linked) ||
         std::any_of(providers.begin(), providers.end(), before);
}

/// What the children need that neither the flow's retry nor, by its links, another child provides.
void add_unmet_of_graph(FlowDraft& flow, const SymbolList& retry_gives, SymbolList& unmet) {
  std::unordered_map<std::string_view, std::vector<ChildIndex>> providers;
  for (ChildIndex child = 0; child < flow.children.size(); ++child)
    for (const auto symbol : gives_of(flow.children[child])) providers[symbol].push_back(child);
  for (ChildIndex child = 0; child < flow.children.size(); ++child) {
    for (const auto symbol : without(needs_of_child(flow.children[child]), retry_gives)) {
      const auto found = providers.find(symbol);
      if (found == providers.end() || !precedes_any(*flow.links, found->second, child))
        unmet.push_back(symbol);
    }
  }
}

void add_unmet_of_list(FlowDraft& flow, const SymbolList& retry_gives, SymbolList& unmet) {
  std::unordered_set<std::string_view> have(retry_gives.begin(), retry_gives.end());
  for (const ChildDraft& child : flow.children) {
    for (const auto symbol : needs_of_child(child))
      if (!have.contains(symbol)) unmet.push_back(symbol);
    if (flow.spec->pattern == Pattern::Linear)
      for (const auto symbol : gives_of(child)) have.insert(symbol);
  }
}

}  // namespace

Inference::Inference(FlowDraft& flow)
    : flow_(flow), retry_gives_(retry_gives(flow)), retry_needs_(retry_needs(flow)) {
  flow_.links.emplace(flow_.spec->nodes.size());
}

Problem Inference::add(ChildIndex child) {
  for (const auto symbol : without(needs_of_child(flow_.children[child]), retry_gives_))
    if (Problem problem = seek(child, symbol)) return problem;
  for (const auto symbol : gives_of(flow_.children[child])) offer(child, symbol);
  return std::nullopt;
}

Problem Inference::seek(ChildIndex child, std::string_view symbol) {
  const auto found = providers_.find(symbol);
  if (found == providers_.end()) {
    waiting_[symbol].push_back(child);
    return std::nullopt;
  }
  if (found->second.size() > 1) return ambiguous(child, symbol, found->second);
  flow_.links->add({found->second.front(), child, symbol, nullptr, {}});
  return std::nullopt;
}

void Inference::offer(ChildIndex child, std::string_view symbol) {
  providers_[symbol].push_back(child);
  if (std::binary_search(retry_needs_.begin(), retry_needs_.end(), symbol))
    flow_.retry_awaits = std::string(symbol);
  const auto found = waiting_.find(symbol);
  if (found == waiting_.end()) return;
  bool itself = false;
  for (const ChildIndex other : std::exchange(found->second, {})) {
    if (other == child)
      itself = true;
    else
      flow_.links->add({child, other, symbol, nullptr, {}});
  }
  if (itself) found->second.push_back(child);
}

Problem Inference::ambiguous(ChildIndex child, std::string_view symbol,
                             const std::vector<ChildIndex>& from) const {
  std::string names;
  for (const ChildIndex provider : from)
    names += (names.empty() ? "" : ", ") + quoted_name(flow_.children[provider].name());
  const ChildDraft& asks = flow_.children[child];
  return refuse(flow_, "AmbiguousDependency",
                {kind_and_name(asks) + " requires " + quoted_name(symbol) +
                     ", and more than one node before it provides it\n  provided by: " + names,
                 "list only one of them before it, or give its symbol another name and rebind",
                 asks.task ? asks.name() : ""});
}

std::optional<FlowError> cycle_in(const FlowDraft& flow) {
  if (flow.links->order().size() == flow.spec->nodes.size()) return std::nullopt;
  std::string what = "its links form a cycle";
  for (const ChildLink& link : flow.links->cycle()) {
    what += "\n  " + quoted_name(flow.children[link.from].name()) + " -> " +
            quoted_name(flow.children[link.to].name()) +
            (link.symbol.empty() ? ", a link of the flow" : ", which requires " + quoted_name(link.symbol));
  }
  return refuse(flow, "DependencyFailure", {what, "remove or turn one of these links"});
}

std::optional<FlowError> add_manual_links(FlowDraft& flow) {
  return ManualLinks(flow).run();
}

void collect_symbols(FlowDraft& flow) {
  const SymbolList given_by_retry = retry_gives(flow);
  SymbolList gives = given_by_retry;
  for (const ChildDraft& child : flow.children) {
    const SymbolList more = gives_of(child);
    gives.insert(gives.end(), more.begin(), more.end());
  }
  flow.gives = each_once(std::move(gives));
  SymbolList needs = retry_needs(flow);
  if (flow.spec->pattern == Pattern::Graph)
    add_unmet_of_graph(flow, given_by_retry, needs);
  else
    add_unmet_of_list(flow, given_by_retry, needs);
  flow.needs = each_once(std::move(needs));
}

}  // namespace baton::engine
