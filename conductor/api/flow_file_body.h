#pragma once

#include <string>
#include <variant>

#include "common/ports/flow_file_store.h"
#include "conductor/api/problem.h"

namespace baton::api {

/// The body of POST /v1/flow-files/{name}, understood, and its files looked at as `baton flow validate` does.
struct FlowFileBody {
  ports::FlowFilePut put;
  bool dry_run = false;
};
std::variant<FlowFileBody, Problem> read_flow_file_body(const std::string& name, const std::string& body);

/// Why a flow file cannot have this name; empty: it can.
std::string wrong_flow_file_name(const std::string& name);

}  // namespace baton::api
