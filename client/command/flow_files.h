#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <variant>
#include <vector>

#include "client/command/context.h"
#include "flowfile/flow_file.h"

namespace baton::client {

struct FlowFileOptions {
  std::vector<std::string> files;
  std::vector<std::string> parameters, store;  // "name=value"
  std::string format = "ascii";                // graph: ascii, dot, mermaid or svg
  bool workers = false;                        // asks a conductor who can run each task
};

/// The words of `baton flow` about files.
Ended validate_flow_files(const Context&, const FlowFileOptions&);
Ended draw_flow_file(const Context&, const FlowFileOptions&);
Ended plan_flow_file(const Context&, const FlowFileOptions&);
Ended print_flow_schema(const Context&);

/// What a flow file says with these parameters and initial symbols; or how it ended, after all of its
/// mistakes have been told.
std::variant<flowfile::Compiled, Ended> compile_flow_file(const Context&, const std::string& file,
                                                          const std::vector<std::string>& parameters,
                                                          const std::vector<std::string>& store);
/// Of a file or a stored one.
struct FlowText;
std::variant<flowfile::Compiled, Ended> compile_flow_text(const Context&, const FlowText&,
                                                          const std::vector<std::string>& parameters,
                                                          const std::vector<std::string>& store);
/// … as people name it (find_flow_text).
std::variant<flowfile::Compiled, Ended> compile_named_flow(const Context&, const FlowFileOptions&);
Ended refuse_flow_file(const Context&, const flowfile::Problems&);

/// "a=1" -> {"a": 1}: JSON where it is JSON, else a text; or how it ended, after it has been refused.
std::variant<boost::json::object, Ended> read_store(const Context&, const std::vector<std::string>& pairs);

/// Workers that take new tasks now.
struct ReadyWorker {
  std::string name;
  std::vector<std::string> task_types;
  std::map<std::string, std::string> labels;
};
std::variant<std::vector<ReadyWorker>, Ended> ready_workers(const Context&);

}  // namespace baton::client
