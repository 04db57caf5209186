#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "common/model/result.h"
#include "common/model/value.h"
#include "engine/plan.h"
#include "flowfile/limits.h"
#include "flowfile/problem.h"

/// Flow files: YAML or JSON (by the name's end, .json) that people write. Compiling one gives the flow that a
/// posting carries as JSON ("flow" in its details): parameters are put in, for_each and include written out,
/// conditions on parameters decided. docs/flow-files.md is the language.
namespace baton::flowfile {

/// How texts are read: from the disk (disk.h), or as a test or the store gives them. The error says why not.
using ReadText = std::function<Result<std::string, std::string>(const std::string& path)>;

/// What the flow is run with.
struct Given {
  std::vector<std::string> parameters;  // "name=value", the value as people write it in a command
  std::map<std::string, Value> values;  // the same, as JSON
  engine::Symbols store;                // initial symbols: atoms may require them
};

/// A parameter as its file declares it.
struct Parameter {
  std::string name, type, items;  // any string integer number boolean list object; items: of a list
  bool required = true;           // no default
  Value fallback;
  std::string description;
  Place at;
};

struct About {
  std::string path, name, description;
  std::vector<Parameter> parameters;

  bool needs_nothing() const;  // all parameters have defaults
};

struct Compiled {
  About about;
  Value flow;                               // the JSON of a posting's flow, as engine::read_flow takes it
  engine::FlowSpec spec;                    // the same, read
  engine::PlanPtr plan;                     // and compiled with the store
  std::map<std::string, Place> atoms;       // where each of them was written
  std::map<std::string, Place> task_types;  // where each was written first
};

/// All that is wrong is told, not the first only. A required parameter that is not given is a problem.
Result<Compiled, Problems> compile_file(const std::string& path, const Given&, const ReadText&,
                                        const Bounds& = {});

/// What can be known without parameters: everything, where all have defaults; else the form of the file, of
/// what it includes, and names.
Result<About, Problems> check_file(const std::string& path, const ReadText&, const Bounds& = {});

/// What it says of itself; nothing is written out.
Result<About, Problems> describe_file(const std::string& path, const ReadText&, const Bounds& = {});

/// Values as people write them in a command ("name=value"), as JSON by the types that the file declares.
Result<std::map<std::string, Value>, Problems> read_parameters(const std::string& path,
                                                               const std::vector<std::string>& texts,
                                                               const ReadText&);

/// Reads each text once, for who looks at it more than once: a pipe gives it only once.
ReadText read_once(ReadText);

/// The task types that nobody among those that are known can run.
Problems unknown_types(const Compiled&, std::span<const std::string> known);

}  // namespace baton::flowfile
