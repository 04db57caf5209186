#pragma once

#include <memory>

#include "conductor/api/backend.h"
#include "conductor/api/exchange.h"
#include "conductor/api/flow_file_body.h"
#include "conductor/api/limits.h"

namespace baton::api {

/// /v1/flow-files: flow files by name and version (docs/flow-files.md).
class FlowFiles : public std::enable_shared_from_this<FlowFiles> {
 public:
  FlowFiles(const Backend& backend, const Limits& limits) : backend_(backend), limits_(limits) {}

  void put(const Request&, Reply);
  void list(const Request&, Reply);
  void show(const Request&, Reply);
  void versions(const Request&, Reply);

 private:
  std::optional<Problem> taken(const std::string& name) const;
  void try_out(ports::FlowFilePut, Reply);
  void try_out_new(const ports::FlowFilePut&, Reply);

  const Backend backend_;
  const Limits limits_;
};

/// NotFound is told as what it is; else as of any read.
Problem from_flow_file_read(const ports::StoreError&, const std::string& name);

}  // namespace baton::api
