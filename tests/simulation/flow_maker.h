#pragma once

#include "tests/simulation/scenario.h"

namespace baton::simulation {

inline constexpr const char* kPlainTask = "work";
inline constexpr const char* kRareTask = "rare";  // not every worker can run it

/// Makes a job's flow from chance: create-cluster as in the examples, or any nesting of linear, unordered and
/// graph flows with retries, joins, deciders and timeouts. Symbols are named after their atoms: "v-<atom>".
class FlowMaker {
 public:
  FlowMaker(Dice& dice, ScriptedJob& job) : dice_(dice), job_(job) {}

  void create_cluster();
  void any_flow();

 private:
  using Symbols = std::vector<std::string>;

  engine::FlowSpec flow(int depth, Symbols& known);
  engine::NodeSpec node(int depth, Symbols& known);
  engine::TaskSpec task(const std::string& name, const Symbols& known);
  engine::TaskSpec join(const std::string& name, const Symbols& needed);
  engine::RetrySpec retry();
  void script(engine::TaskSpec&);
  void trouble(engine::TaskSpec&, TaskScript&);
  void decide(engine::FlowSpec&);
  std::string next(const std::string& kind) { return kind + "-" + std::to_string(++count_); }

  Dice& dice_;
  ScriptedJob& job_;
  int count_ = 0, tasks_left_ = 9;
};

}  // namespace baton::simulation
