#include "common/modules/module_set.h"

#include <utility>

#include "common/model/assert.h"
#include "common/model/limits.h"
#include "common/model/name_list.h"
#include "common/modules/sink.h"

namespace baton::modules {
namespace {

Fail<ModuleError> taken(const std::string& file, const char* what, const std::string& name,
                        const std::string& other) {
  return Fail(ModuleError{"module " + file + ": it declares the " + what + " '" + name + "', which module '" +
                          other + "' has already\n  hint: load only one of them, or rename it"});
}

}  // namespace

Result<void, ModuleError> ModuleSet::load(const std::string& file) {
  auto module = load_module(file);
  if (!module.ok()) return Fail(module.error());
  return add(file, *module.value());
}

Result<void, ModuleError> ModuleSet::add(const std::string& file, const baton_module_v1& module) {
  auto tasks = read_tasks(file, module);
  if (!tasks.ok()) return Fail(tasks.error());
  auto flows = read_flows(file, module);
  if (!flows.ok()) return Fail(flows.error());
  auto retries = read_retries(file, module);
  if (!retries.ok()) return Fail(retries.error());
  retries_.merge(retries.value());
  tasks_.merge(tasks.value());
  flows_.merge(flows.value());
  return {};
}

Result<ModuleSet::Tasks, ModuleError> ModuleSet::read_tasks(const std::string& file,
                                                            const baton_module_v1& module) const {
  Tasks read;
  const std::string owner(view_of(module.name)), version(view_of(module.version));
  for (std::size_t i = 0; i < module.task_count; ++i) {
    const std::string name(view_of(module.tasks[i].name));
    if (const auto other = tasks_.find(name); other != tasks_.end())
      return taken(file, "task type", name, other->second.module);
    if (!read.emplace(name, TaskEntry{&module.tasks[i], owner, version}).second)
      return taken(file, "task type", name, owner);
  }
  return read;
}

Result<ModuleSet::Factories, ModuleError> ModuleSet::read_flows(const std::string& file,
                                                                const baton_module_v1& module) const {
  Factories read;
  const std::string owner(view_of(module.name)), version(view_of(module.version));
  for (std::size_t i = 0; i < module.flow_count; ++i) {
    const std::string name(view_of(module.flows[i].name));
    if (const auto other = flows_.find(name); other != flows_.end())
      return taken(file, "flow", name, other->second.module);
    auto parameters = FlowParameters::parse(view_of(module.flows[i].parameters));
    if (!parameters.ok())
      return Fail(ModuleError{"module " + file + ": flow '" + name + "': " + parameters.error() +
                              "\n  hint: declare parameters with baton::sdk::Parameters"});
    Factory factory{&module.flows[i], std::move(parameters).value(), owner, version, file};
    if (!read.emplace(name, std::move(factory)).second) return taken(file, "flow", name, owner);
  }
  return read;
}

Result<ModuleSet::Policies, ModuleError> ModuleSet::read_retries(const std::string& file,
                                                                 const baton_module_v1& module) const {
  Policies read;
  const std::string owner(view_of(module.name));
  for (std::size_t i = 0; i < module.retry_count; ++i) {
    const std::string name(view_of(module.retries[i].name));
    if (const auto other = retries_.find(name); other != retries_.end())
      return taken(file, "retry policy", name, other->second.module);
    if (!read.emplace(name, Policy{&module.retries[i], owner}).second)
      return taken(file, "retry policy", name, owner);
  }
  return read;
}

std::variant<Value, Failure> ModuleSet::ask_retry(std::string_view name, RetryQuestion question,
                                                  const Value& call) const {
  const auto found = retries_.find(name);
  BATON_ASSERT(found != retries_.end());
  const baton_retry_policy& policy = *found->second.abi;
  Sink sink(kResultBytesMax);
  const auto ask = question == RetryQuestion::Execute ? policy.execute : policy.on_failure;
  ask(policy.self, bytes_of(call.json()), sink.abi());
  return std::move(sink).outcome();
}

std::vector<FlowEntry> ModuleSet::flows() const {
  std::vector<FlowEntry> entries;
  for (const auto& [name, factory] : flows_)
    entries.push_back({name, std::string(view_of(factory.abi->description)), factory.parameters.declared(),
                       factory.module, factory.version});
  return entries;
}

Result<Value, FlowRefusal> ModuleSet::build_flow(std::string_view name, const Value& args,
                                                 const Value& kwargs) const {
  const auto found = flows_.find(name);
  if (found == flows_.end()) {
    std::vector<std::string> known;
    for (const auto& [each, factory] : flows_) known.push_back(each);
    return Fail(FlowRefusal{FlowRefusal::Kind::UnknownFlow,
                            "flow '" + shown_name(name) +
                                "' is in no module that is loaded here\n  known: " + name_list(known) +
                                "\n  hint: add its module to the settings, or correct the name"});
  }
  const Factory& factory = found->second;
  const auto refused = [](std::string message) {
    return Fail(FlowRefusal{FlowRefusal::Kind::Refused, std::move(message)});
  };
  auto parameters = factory.parameters.bind(name, args, kwargs);
  if (!parameters.ok())
    return Fail(FlowRefusal{
        parameters.error().unknown ? FlowRefusal::Kind::UnknownParameter : FlowRefusal::Kind::Refused,
        parameters.error().message});

  Sink sink(kFlowBytesMax);
  factory.abi->build(factory.abi->self, bytes_of(parameters->json()), sink.abi());
  auto outcome = std::move(sink).outcome();
  if (const auto* failure = std::get_if<Failure>(&outcome))
    return refused("flow '" + std::string(name) + "' of module '" + factory.module + "' (" + factory.file +
                   ") could not be built: " + failure->type + ": " + failure->message +
                   "\n  given: " + std::string(parameters->json().substr(0, 1000)));
  return std::get<Value>(std::move(outcome));
}

}  // namespace baton::modules
