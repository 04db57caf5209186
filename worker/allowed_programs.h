#pragma once

#include <string>
#include <vector>

#include "common/model/result.h"
#include "worker/command_spec.h"

namespace baton::worker {

/// What tasks of type `command` may run here (worker.command_programs): who may post a job chooses among
/// these, with any arguments. Programs by their path, or "*" for any.
class AllowedPrograms {
 public:
  static AllowedPrograms any();
  /// Refused: what is neither an absolute path nor "*".
  static Result<AllowedPrograms, std::string> read(const std::vector<std::string>&);

  bool none() const { return !any_ && paths_.empty(); }
  /// Why the command may not run; empty: it may. Where not all programs are allowed, no environment either:
  /// it could make of one program another (PATH, LD_PRELOAD).
  std::string why_not(const CommandSpec&) const;

 private:
  bool allows(const std::string& program) const;

  bool any_ = false;
  std::vector<std::string> paths_;
};

}  // namespace baton::worker
