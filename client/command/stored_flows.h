#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "client/command/context.h"
#include "flowfile/bundle.h"
#include "flowfile/stored_name.h"

/// Flow files that a conductor has stored by name and version.
namespace baton::client {

struct PutOptions {
  std::string file, name, who, why;
  int if_version = -1;  // only if that is the newest; -1: whichever it is
  bool dry_run = false;
};
Ended put_flow_file(const Context&, const PutOptions&);

struct FlowDiffOptions {
  std::string before, after;                   // files, or stored ones: NAME, NAME@VERSION
  std::vector<std::string> parameters, store;  // "name=value"
};
/// FlowFailed: they differ.
Ended diff_flows(const Context&, const FlowDiffOptions&);

/// "/v1/flow-files/<name>?version=…"
std::string stored_flow_target(const flowfile::StoredName&);

/// A stored flow file as a conductor gives it.
struct Stored {
  Answer answer;
  flowfile::Bundle bundle;
  std::string label;  // "create-cluster@3"
};
/// nullopt: there is none.
std::variant<std::optional<Stored>, Ended> find_stored(const Context&, const flowfile::StoredName&);

/// A flow file of this machine, or a stored one.
struct FlowText {
  std::string path;   // of the main file
  std::string label;  // as people named it; of a stored one with its version
  flowfile::ReadText read;
};
/// `named`: a path, NAME or NAME@VERSION. What has a folder or the ending of a flow file is a path; so is the
/// name of a file that is there.
std::variant<FlowText, Ended> find_flow_text(const Context&, const std::string& named);

}  // namespace baton::client
