#include "tests/simulation/flow_maker.h"

#include <algorithm>

namespace baton::simulation {
namespace {

constexpr int kDepthMax = 3;
constexpr std::uint32_t kDeliveriesMax = 1'000;  // lost workers are no reason to fail, unless a task says so

std::string symbol_of(const std::string& atom) {
  return "v-" + atom;
}

std::string name_of(const engine::NodeSpec& node) {
  if (const auto* task = std::get_if<engine::TaskSpec>(&node)) return task->name;
  return std::get<std::shared_ptr<const engine::FlowSpec>>(node)->name;
}

}  // namespace

// ---- shapes

void FlowMaker::create_cluster() {
  engine::FlowSpec servers{"servers", engine::Pattern::Unordered, std::nullopt, {}, {}, {}};
  Symbols made;
  for (std::uint64_t i = dice_.between(1, 4); i > 0; --i) {
    engine::FlowSpec one{next("add"), engine::Pattern::Linear, std::nullopt, {}, {}, {}};
    if (dice_.one_in(2)) one.retry = retry();
    Symbols own;
    one.nodes.emplace_back(task(next("create"), {}));
    own.push_back(symbol_of(name_of(one.nodes.back())));
    one.nodes.emplace_back(task(next("wait"), own));
    made.push_back(own.front());
    servers.nodes.emplace_back(std::make_shared<const engine::FlowSpec>(std::move(one)));
  }
  job_.flow = {"create-cluster", engine::Pattern::Linear, std::nullopt, {}, {}, {}};
  job_.flow.nodes.emplace_back(std::make_shared<const engine::FlowSpec>(std::move(servers)));
  job_.flow.nodes.emplace_back(join("configure", made));
  if (dice_.one_in(3)) job_.flow.nodes.emplace_back(task(next("announce"), made));
}

void FlowMaker::any_flow() {
  Symbols known;
  job_.flow = flow(0, known);
}

engine::FlowSpec FlowMaker::flow(int depth, Symbols& known) {
  static const std::vector kPatterns{engine::Pattern::Linear, engine::Pattern::Linear,
                                     engine::Pattern::Unordered, engine::Pattern::Graph,
                                     engine::Pattern::Graph};
  engine::FlowSpec made{next("flow"), dice_.of(kPatterns), std::nullopt, {}, {}, {}};
  if (dice_.one_in(depth == 0 ? 3 : 2)) made.retry = retry();
  const Symbols before = known;
  Symbols gathered;
  for (std::uint64_t i = dice_.between(2, 4); i > 0; --i) {
    Symbols seen = made.pattern == engine::Pattern::Unordered ? before : known;
    const std::size_t old = seen.size();
    made.nodes.push_back(node(depth, seen));
    gathered.assign(seen.begin() + static_cast<std::ptrdiff_t>(old), seen.end());
    known.insert(known.end(), gathered.begin(), gathered.end());
  }
  if (made.pattern == engine::Pattern::Graph) {
    if (known.size() > before.size() + 1)
      made.nodes.emplace_back(
          join(next("join"), {known.begin() + static_cast<std::ptrdiff_t>(before.size()), known.end()}));
    decide(made);
  }
  return made;
}

engine::NodeSpec FlowMaker::node(int depth, Symbols& known) {
  if (depth + 1 < kDepthMax && tasks_left_ > 2 && dice_.one_in(3))
    return std::make_shared<const engine::FlowSpec>(flow(depth + 1, known));
  --tasks_left_;
  auto made = task(next("task"), known);
  known.push_back(symbol_of(made.name));
  return made;
}

/// A link of a graph that may say no.
void FlowMaker::decide(engine::FlowSpec& graph) {
  if (graph.nodes.size() < 3 || !dice_.one_in(3)) return;
  const auto& from = graph.nodes.front();
  if (!std::holds_alternative<engine::TaskSpec>(from)) return;
  static const std::vector kDepths{engine::DeciderDepth::All, engine::DeciderDepth::Flow,
                                   engine::DeciderDepth::Neighbors};
  engine::When when;
  when.constant = dice_.one_in(2);
  graph.links.push_back({name_of(from), name_of(graph.nodes[1]), when, dice_.of(kDepths)});
  job_.sound = job_.sound && when.constant;  // who needs what was left out fails
}

engine::RetrySpec FlowMaker::retry() {
  engine::RetrySpec made;
  made.attempts = static_cast<std::uint32_t>(dice_.between(1, 3));
  if (dice_.one_in(5)) {
    made.policy = engine::RetryPolicy::ForEach;
    for (int i = 0; i < 3; ++i) made.values.emplace_back(Value::of_number(i));
  }
  made.revert_all = dice_.one_in(6);
  if (dice_.one_in(3)) made.backoff = engine::Backoff{dice_.millis(20, 400), 2.0, std::nullopt, 0.2};
  return made;
}

// ---- tasks

engine::TaskSpec FlowMaker::task(const std::string& name, const Symbols& known) {
  Symbols needed;
  for (const auto& symbol : known)
    if (dice_.one_in(2)) needed.push_back(symbol);
  return join(name, needed);
}

engine::TaskSpec FlowMaker::join(const std::string& name, const Symbols& needed) {
  engine::TaskSpec made;
  made.type = dice_.one_in(8) ? kRareTask : kPlainTask;
  made.name = name;
  made.requirements = needed;
  made.provides = {engine::Provides::Kind::Whole, {symbol_of(name)}};
  made.max_deliveries = kDeliveriesMax;
  made.priority = static_cast<std::int32_t>(dice_.below(2));
  script(made);
  return made;
}

void FlowMaker::script(engine::TaskSpec& task) {
  TaskScript& script = job_.tasks[task.name];
  script.before = dice_.millis(1, 40);
  script.after = dice_.millis(1, dice_.one_in(6) ? 1'500 : 60);
  script.calls = !dice_.one_in(5);
  script.obeys_cancel = !dice_.one_in(3);
  if (dice_.one_in(4)) trouble(task, script);
}

void FlowMaker::trouble(engine::TaskSpec& task, TaskScript& script) {
  job_.sound = false;
  engine::Timeouts timeouts;
  switch (dice_.below(6)) {
    case 0:
    case 1:
      script.fails = static_cast<std::uint32_t>(dice_.between(1, 2));
      script.fails_late = dice_.one_in(2);
      return;
    case 2:
      script.fails = 1'000;
      script.fails_late = dice_.one_in(2);
      return;
    case 3:
      timeouts.start_to_close = dice_.millis(30, 600);
      if (dice_.one_in(2)) script.hangs = true;
      if (script.hangs) script.obeys_cancel = dice_.one_in(2);
      if (!script.obeys_cancel) timeouts.abandon_after = dice_.millis(200, 2'000);
      task.timeouts = timeouts;
      return;
    case 4:
      if (dice_.one_in(2))
        task.on_worker_loss = engine::OnWorkerLoss::Fail;
      else
        task.max_deliveries = 2;
      return;
    default:
      timeouts.heartbeat = dice_.millis(2'000, 5'000);
      timeouts.schedule_to_start = dice_.millis(1'000, 4'000);
      task.timeouts = timeouts;
      return;
  }
}

}  // namespace baton::simulation
