#pragma once

#include <baton/module.h>

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/model/failure.h"
#include "common/model/result.h"
#include "common/model/value.h"
#include "common/modules/flow_parameters.h"
#include "common/modules/module.h"

namespace baton::modules {

/// Why a flow cannot be built. UnknownFlow: no module that is loaded here has it; another process may.
/// UnknownParameter: it has no such parameter here; a newer version of its module may. Refused: the
/// parameters do not fit, or the factory refused them or made nothing usable.
struct FlowRefusal {
  enum class Kind { UnknownFlow, UnknownParameter, Refused };
  Kind kind = Kind::UnknownFlow;
  std::string message;  // where, what, what was known, what to do
};

struct FlowEntry {
  std::string name;
  std::string description;
  Value parameters;  // as in sdk/baton/module.h
  std::string module, version;
};

struct TaskEntry {
  const baton_task_type* type = nullptr;
  std::string module, version;
};

/// The task types, flow factories and retry policies of all modules of a process. Filled at start, then only
/// read. Threads: load(), build_flow() and ask_retry() on one thread at a time; the tables are safe to read
/// from any afterwards.
class ModuleSet {
 public:
  static constexpr std::size_t kFlowBytesMax = 256 * kMiB;  // of a built flow; some 1,000,000 tasks

  /// Loads one file and takes up what it declares, whole or not at all. Refused also: a task type, flow or
  /// retry policy that another module has.
  Result<void, ModuleError> load(const std::string& file);
  /// For tests and programs with built-in definitions; `file` is for messages.
  Result<void, ModuleError> add(const std::string& file, const baton_module_v1& module);

  bool knows_flow(std::string_view name) const { return flows_.find(name) != flows_.end(); }
  std::vector<FlowEntry> flows() const;  // by name
  const std::map<std::string, TaskEntry, std::less<>>& tasks() const { return tasks_; }

  /// `args` (a list or null) by position, `kwargs` (an object or null) by name; checked by the declared
  /// parameters. The flow comes in conformance/FORMAT.md's shape with Baton's members, not yet compiled.
  Result<Value, FlowRefusal> build_flow(std::string_view name, const Value& args, const Value& kwargs) const;

  bool knows_retry(std::string_view name) const { return retries_.find(name) != retries_.end(); }
  enum class RetryQuestion { Execute, OnFailure };
  /// `call` is JSON as in sdk/baton/module.h; the policy must be known.
  std::variant<Value, Failure> ask_retry(std::string_view name, RetryQuestion, const Value& call) const;

 private:
  struct Factory {
    const baton_flow_factory* abi = nullptr;
    FlowParameters parameters;
    std::string module, version, file;
  };
  using Factories = std::map<std::string, Factory, std::less<>>;
  struct Policy {
    const baton_retry_policy* abi = nullptr;
    std::string module;
  };
  using Policies = std::map<std::string, Policy, std::less<>>;
  using Tasks = std::map<std::string, TaskEntry, std::less<>>;

  Result<Factories, ModuleError> read_flows(const std::string& file, const baton_module_v1&) const;
  Result<Tasks, ModuleError> read_tasks(const std::string& file, const baton_module_v1&) const;

  Result<Policies, ModuleError> read_retries(const std::string& file, const baton_module_v1&) const;

  Policies retries_;
  Factories flows_;
  Tasks tasks_;
};

}  // namespace baton::modules
