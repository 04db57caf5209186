#pragma once

#include <baton/module.h>

#include <memory>
#include <string>

#include "common/model/result.h"

namespace baton::modules {

/// Why a module cannot be used, for people: which file, what, what to do.
struct ModuleError {
  std::string message;
};

/// Loads a module (.so) over the C ABI of sdk/baton/module.h and checks what it declares: the ABI number, its
/// own error, names that are there. It is never unloaded (TRAPS.md), so the pointer is good for the life of
/// the process; loading a file twice gives the same.
Result<const baton_module_v1*, ModuleError> load_module(const std::string& file);

}  // namespace baton::modules
