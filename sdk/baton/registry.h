#pragma once

#include <baton/flow.h>
#include <baton/module.h>
#include <baton/parameters.h>
#include <baton/retry_policy.h>
#include <baton/task.h>

#include <deque>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// What a module offers, and the one symbol that it exports:
///
///     BATON_MODULE("examples.cloud", "1.0") {
///       tasks.add<CreateServer>("server.create");
///       flows.add("create-cluster", Parameters{}.list("nodes", Items::string), create_cluster);
///     }
namespace baton::sdk {

/// Strings and functions behind the pointers of the ABI; lives as long as the process.
class ModuleDefinition {
 public:
  using Build = std::function<Flow(const json::object& parameters)>;

  template <class T>
  void add_task(std::string_view name, std::string_view description) {
    tasks_.push_back({keep(name), keep(description), nullptr, &boundary::execute<T>, &boundary::revert<T>});
  }

  void add_flow(std::string_view name, const Parameters& parameters, Build build,
                std::string_view description) {
    builders_.push_back(std::move(build));
    flows_.push_back({keep(name), keep(description), keep(json::serialize(parameters.declared())),
                      &builders_.back(), &ModuleDefinition::build});
  }

  template <class T>
  void add_retry(std::string_view name, std::string_view description) {
    retries_.push_back({keep(name), keep(description), nullptr, &boundary::retry_execute<T>,
                        &boundary::retry_on_failure<T>});
  }

  void refuse(std::string_view why) { error_ = keep(why); }

  const baton_module_v1* finish(std::string_view name, std::string_view version) {
    module_ = {BATON_MODULE_ABI, keep(name),    keep(version),   tasks_.data(),   tasks_.size(),
               flows_.data(),    flows_.size(), retries_.data(), retries_.size(), error_};
    return &module_;
  }

 private:
  static void build(void* self, baton_bytes parameters, baton_sink sink) {
    boundary::guarded(sink, "FactoryThrew", [&]() -> json::value {
      const json::value given = boundary::read(parameters);
      return (*static_cast<const Build*>(self))(given.as_object()).json();
    });
  }

  baton_bytes keep(std::string_view text) { return boundary::bytes_of(texts_.emplace_back(text)); }

  std::deque<std::string> texts_;  // a deque: addresses stay
  std::deque<Build> builders_;
  std::vector<baton_task_type> tasks_;
  std::vector<baton_flow_factory> flows_;
  std::vector<baton_retry_policy> retries_;
  baton_bytes error_{nullptr, 0};
  baton_module_v1 module_{};
};

class Tasks {
 public:
  explicit Tasks(ModuleDefinition& definition) : definition_(definition) {}
  /// T is made anew for each call, so it needs a constructor without arguments.
  template <class T>
  void add(std::string_view name, std::string_view description = {}) {
    static_assert(std::is_base_of_v<Task, T>, "a task derives from baton::sdk::Task");
    definition_.add_task<T>(name, description);
  }

 private:
  ModuleDefinition& definition_;
};

class Flows {
 public:
  explicit Flows(ModuleDefinition& definition) : definition_(definition) {}
  void add(std::string_view name, const Parameters& parameters, ModuleDefinition::Build build,
           std::string_view description = {}) {
    definition_.add_flow(name, parameters, std::move(build), description);
  }

 private:
  ModuleDefinition& definition_;
};

class Retries {
 public:
  explicit Retries(ModuleDefinition& definition) : definition_(definition) {}
  /// T is made anew for each question, so it needs a constructor without arguments.
  template <class T>
  void add(std::string_view name, std::string_view description = {}) {
    static_assert(std::is_base_of_v<RetryPolicy, T>, "a retry policy derives from baton::sdk::RetryPolicy");
    definition_.add_retry<T>(name, description);
  }

 private:
  ModuleDefinition& definition_;
};

/// Leaks on purpose: modules are never unloaded, and tasks may run while the process ends.
inline const baton_module_v1* define_module(std::string_view name, std::string_view version,
                                            void (*define)(Tasks&, Flows&, Retries&)) noexcept {
  try {
    auto* definition = new ModuleDefinition;
    Tasks tasks(*definition);
    Flows flows(*definition);
    Retries retries(*definition);
    try {
      define(tasks, flows, retries);
    } catch (const std::exception& error) {
      definition->refuse(error.what());
    }
    return definition->finish(name, version);
  } catch (...) {
    return nullptr;
  }
}

}  // namespace baton::sdk

/// Followed by a body that has `tasks`, `flows` and `retries`. Once in a module.
#define BATON_MODULE(module_name, module_version)                                              \
  static void baton_define_module(::baton::sdk::Tasks& tasks, ::baton::sdk::Flows& flows,      \
                                  ::baton::sdk::Retries& retries);                             \
  extern "C" __attribute__((visibility("default"))) const baton_module_v1* baton_module(void); \
  extern "C" const baton_module_v1* baton_module(void) {                                       \
    static const baton_module_v1* const module =                                               \
        ::baton::sdk::define_module(module_name, module_version, &baton_define_module);        \
    return module;                                                                             \
  }                                                                                            \
  static void baton_define_module([[maybe_unused]] ::baton::sdk::Tasks& tasks,                 \
                                  [[maybe_unused]] ::baton::sdk::Flows& flows,                 \
                                  [[maybe_unused]] ::baton::sdk::Retries& retries)
