#include "common/modules/module.h"

#include <dlfcn.h>

#include <string_view>

#include "common/model/limits.h"
#include "common/modules/sink.h"

namespace baton::modules {
namespace {

Fail<ModuleError> refused(const std::string& file, const std::string& what, const std::string& hint) {
  return Fail(ModuleError{"module " + file + ": " + what + "\n  hint: " + hint});
}

std::string dynamic_linker_error() {
  const char* text = ::dlerror();
  return text ? text : "no reason given";
}

bool is_name(baton_bytes name) {
  return name.size > 0 && name.size <= kNameBytesMax;
}

Result<void, ModuleError> check_declarations(const std::string& file, const baton_module_v1& module) {
  static constexpr auto kHint = "declare modules with BATON_MODULE of baton/registry.h";
  if (!is_name(module.name)) return refused(file, "it has no name", kHint);
  for (std::size_t i = 0; i < module.task_count; ++i) {
    const auto& task = module.tasks[i];
    if (!is_name(task.name))
      return refused(file, "its task type number " + std::to_string(i) + " has an empty or too long name",
                     kHint);
    if (!task.execute || !task.revert)
      return refused(file, "task type '" + std::string(view_of(task.name)) + "' lacks execute or revert",
                     kHint);
  }
  for (std::size_t i = 0; i < module.flow_count; ++i) {
    const auto& flow = module.flows[i];
    if (!is_name(flow.name))
      return refused(file, "its flow number " + std::to_string(i) + " has an empty or too long name", kHint);
    if (!flow.build)
      return refused(file, "flow '" + std::string(view_of(flow.name)) + "' has nothing that builds it",
                     kHint);
  }
  for (std::size_t i = 0; i < module.retry_count; ++i) {
    const auto& retry = module.retries[i];
    if (!is_name(retry.name))
      return refused(file, "its retry policy number " + std::to_string(i) + " has an empty or too long name",
                     kHint);
    if (!retry.execute || !retry.on_failure)
      return refused(
          file, "retry policy '" + std::string(view_of(retry.name)) + "' lacks execute or on_failure", kHint);
  }
  return {};
}

}  // namespace

Result<const baton_module_v1*, ModuleError> load_module(const std::string& file) {
  // A name without a slash would be looked up in the system's library folders.
  const std::string path = file.find('/') == std::string::npos ? "./" + file : file;
  void* const handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle)
    return refused(file, "cannot be loaded: " + dynamic_linker_error(),
                   "check the path in worker.modules or conductor.modules, and 'ldd " + file + "'");
  void* const symbol = ::dlsym(handle, BATON_MODULE_ENTRY);
  if (!symbol)
    return refused(file, "it is a library, but no Baton module: it has no symbol '" BATON_MODULE_ENTRY "'",
                   "write BATON_MODULE(\"name\", \"version\") { … } in one of its sources");
  const auto* const module = reinterpret_cast<baton_module_entry>(symbol)();
  if (!module)
    return refused(file, "it gave no definition (out of memory?)", "look at what its BATON_MODULE does");
  if (module->abi != BATON_MODULE_ABI)
    return refused(file,
                   "it was built for ABI " + std::to_string(module->abi) +
                       " of Baton's modules, this program has " + std::to_string(BATON_MODULE_ABI),
                   "build it again with the sdk/ of this version");
  if (module->error.size > 0)
    return refused(file, "its definition failed: " + std::string(view_of(module->error)),
                   "look at what its BATON_MODULE does");
  if (auto checked = check_declarations(file, *module); !checked.ok()) return Fail(checked.error());
  return module;
}

}  // namespace baton::modules
