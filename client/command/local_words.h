#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "client/command/context.h"

/// What `baton` does without a cluster (client/local/). Given by main.cc, like `baton admin`.
namespace baton::client {

inline constexpr std::uint32_t kLocalSlotsMax = 1024;  // at least 1

/// Of `baton run`; of resume and rerun with --state all but the flow.
struct RunOptions {
  std::string flow;                            // a file, or a flow of a module
  std::vector<std::string> parameters, store;  // "name=value"
  std::string state;                           // a state file; empty: nothing is kept
  std::string executor = "thread";             // serial, thread, process
  std::uint32_t slots = 8;                     // tasks at a time; serial: one
  std::vector<std::string> modules, commands;
  std::string command_guard;  // the program baton-command-guard; empty: the one beside this program
  std::string name;
  bool quiet = false;    // no lines while it runs
  bool dry_run = false;  // all is checked, nothing runs, and the state file keeps its bytes
  bool anew = false;     // of rerun: nothing is kept, all runs again
  std::string who, why;  // … who asks for it, for the history
};

struct DevOptions {
  std::string state = "baton-dev.state";
  std::uint16_t port = 27080;  // 0: any that is free
  std::uint32_t slots = 8;
  std::vector<std::string> modules, commands;
  std::string hooks;  // file; empty: none
};

struct Local {
  using Run = std::function<Ended(const Context&, const RunOptions&)>;
  Run run, resume, rerun;
  std::function<Ended(const Context&, const DevOptions&)> dev;
};

}  // namespace baton::client
