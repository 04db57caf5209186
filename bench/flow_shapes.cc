#include "bench/flow_shapes.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include "common/model/limits.h"

namespace baton::bench {
namespace {

using engine::FlowSpec;
using engine::Pattern;
using engine::Provides;
using engine::TaskSpec;

TaskSpec task(std::size_t number) {
  TaskSpec spec;
  spec.type = "step";
  spec.name = "t" + std::to_string(number);
  return spec;
}

FlowSpec flow(Pattern pattern, std::string name) {
  FlowSpec spec;
  spec.name = std::move(name);
  spec.pattern = pattern;
  return spec;
}

FlowSpec list_of(Pattern pattern, std::string name, std::size_t first, std::size_t count) {
  FlowSpec spec = flow(pattern, std::move(name));
  for (std::size_t i = 0; i < count; ++i) spec.nodes.emplace_back(task(first + i));
  return spec;
}

void add(FlowSpec& around, FlowSpec inside) {
  around.nodes.emplace_back(std::make_shared<const FlowSpec>(std::move(inside)));
}

Provides provides(std::string symbol) {
  return {Provides::Kind::Whole, {std::move(symbol)}};
}

FlowSpec wide(std::size_t atoms) {
  return list_of(Pattern::Unordered, "wide", 0, atoms);
}

FlowSpec deep(std::size_t atoms) {
  return list_of(Pattern::Linear, "deep", 0, atoms);
}

FlowSpec layers(std::size_t atoms) {
  std::size_t width = 1;
  while ((width + 1) * (width + 1) <= atoms) ++width;
  FlowSpec spec = flow(Pattern::Linear, "layers");
  for (std::size_t first = 0; first < atoms; first += width)
    add(spec,
        list_of(Pattern::Unordered, "layer" + std::to_string(first), first, std::min(width, atoms - first)));
  return spec;
}

/// Flows inside flows as far as is allowed, tasks on every level.
FlowSpec nested(std::size_t atoms) {
  const std::size_t share = std::max<std::size_t>(1, atoms / kNestingMax);
  FlowSpec inner = flow(Pattern::Linear, "level0");
  for (std::size_t level = 0, first = 0; level < kNestingMax && first < atoms; ++level, first += share) {
    FlowSpec spec = list_of(level % 2 ? Pattern::Unordered : Pattern::Linear, "level" + std::to_string(level),
                            first, std::min(share, atoms - first));
    if (level > 0) add(spec, std::move(inner));
    inner = std::move(spec);
  }
  return inner;
}

/// create-cluster: nodes side by side, each with a retry, and one task behind them all.
FlowSpec nodes_with_retries(std::size_t atoms, Pattern pattern) {
  FlowSpec cluster = flow(pattern, "nodes");
  for (std::size_t first = 0; first + 4 <= atoms; first += 3) {
    const std::string number = std::to_string(first);
    FlowSpec node = list_of(Pattern::Linear, "node" + number, first, 2);
    node.retry.emplace();
    node.retry->attempts = 3;
    node.retry->revert_all = true;
    std::get<TaskSpec>(node.nodes[0]).inject = {{"hostname", Value::of_string("host-" + number)}};
    std::get<TaskSpec>(node.nodes[0]).requirements = {"hostname"};
    std::get<TaskSpec>(node.nodes[0]).provides = provides("server_" + number);
    std::get<TaskSpec>(node.nodes[1]).rebind = {{"server", "server_" + number}};
    add(cluster, std::move(node));
  }
  FlowSpec spec = flow(Pattern::Linear, "cluster");
  add(spec, std::move(cluster));
  spec.nodes.emplace_back(task(atoms));
  return spec;
}

FlowSpec cluster(std::size_t atoms) {
  return nodes_with_retries(atoms, Pattern::Unordered);
}

FlowSpec stages(std::size_t atoms) {
  return nodes_with_retries(atoms, Pattern::Linear);
}

/// Each task takes what the one before it provides: the links are inferred.
FlowSpec symbols(std::size_t atoms) {
  FlowSpec spec = list_of(Pattern::Graph, "symbols", 0, atoms);
  for (std::size_t i = 0; i < atoms; ++i) {
    auto& each = std::get<TaskSpec>(spec.nodes[i]);
    each.provides = provides("s" + std::to_string(i));
    if (i > 0) each.requirements = {"s" + std::to_string(i - 1)};
  }
  return spec;
}

/// One task gives to all, and one takes from all.
FlowSpec gather(std::size_t atoms) {
  FlowSpec spec = list_of(Pattern::Graph, "gather", 0, atoms);
  std::get<TaskSpec>(spec.nodes.front()).provides = provides("plan");
  for (std::size_t i = 1; i + 1 < atoms; ++i) {
    auto& each = std::get<TaskSpec>(spec.nodes[i]);
    each.requirements = {"plan"};
    each.provides = provides("s" + std::to_string(i));
    std::get<TaskSpec>(spec.nodes.back()).requirements.push_back("s" + std::to_string(i));
  }
  return spec;
}

/// A chain with a decider on every link.
FlowSpec deciders(std::size_t atoms) {
  FlowSpec spec = list_of(Pattern::Graph, "deciders", 0, atoms);
  for (std::size_t i = 1; i < atoms; ++i) {
    engine::When when;
    when.kind = engine::When::Kind::ResultOfEquals;
    when.result_of = "t" + std::to_string(i - 1);
    spec.links.push_back({when.result_of, "t" + std::to_string(i), when, {}});
  }
  return spec;
}

/// One task behind all others, with a decider on each link.
FlowSpec votes(std::size_t atoms) {
  FlowSpec spec = list_of(Pattern::Graph, "votes", 0, atoms);
  for (std::size_t i = 0; i + 1 < atoms; ++i) {
    engine::When when;
    when.kind = engine::When::Kind::ResultOfEquals;
    when.result_of = "t" + std::to_string(i);
    spec.links.push_back({when.result_of, "t" + std::to_string(atoms - 1), when, {}});
  }
  return spec;
}

/// Pairs: the second of each is told not to run, and with it all behind it; a task behind them all.
FlowSpec refusals(std::size_t atoms) {
  FlowSpec pairs = list_of(Pattern::Graph, "pairs", 0, (atoms - 1) / 2 * 2);
  engine::When never;
  never.constant = false;
  for (std::size_t i = 0; i + 1 < pairs.nodes.size(); i += 2)
    pairs.links.push_back({"t" + std::to_string(i), "t" + std::to_string(i + 1), never, {}});
  FlowSpec spec = flow(Pattern::Linear, "refusals");
  add(spec, std::move(pairs));
  spec.nodes.emplace_back(task(atoms));
  return spec;
}

constexpr std::array kShapes{
    Shape{"wide", "one unordered flow", wide},
    Shape{"deep", "one chain", deep},
    Shape{"layers", "a linear flow of unordered ones, as many as each is wide", layers},
    Shape{"nested", "flows in flows, as deep as is allowed", nested},
    Shape{"cluster", "unordered flows of 2 tasks and a retry, every first try fails", cluster,
          Trouble::FirstTries},
    Shape{"stages", "the same in a row", stages, Trouble::FirstTries},
    Shape{"symbols", "a graph, each link inferred from a symbol", symbols},
    Shape{"gather", "a graph, one gives to all, one takes from all", gather},
    Shape{"deciders", "a graph, a decider on each link", deciders},
    Shape{"votes", "a graph, one behind all others, a decider on each link", votes},
    Shape{"refusals", "a graph of pairs, each decider says no", refusals, Trouble::None, false},
};

}  // namespace

std::span<const Shape> flow_shapes() {
  return kShapes;
}

}  // namespace baton::bench
