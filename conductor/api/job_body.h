#pragma once

#include <optional>
#include <string>
#include <variant>

#include "common/model/job.h"
#include "conductor/api/problem.h"
#include "conductor/api/stored_flow.h"
#include "conductor/flow_catalogue.h"

namespace baton::api {

/// The body of POST /v1/jobs, understood:
///   {"flow": "create-cluster", "parameters": {…}}   a registered flow, or the newest flow file of that name,
///   {"flow_file": {"name": …, "version": 3}, …}     a stored flow file, or
///   {"flow": {"name": …, "nodes": […], …}}          an inline one (engine/flow.h, read_flow)
///   and "name", "store", "priority", "uuid", "reason".
struct JobBody {
  std::string name;
  Priority priority = Priority::Normal;
  std::optional<std::string> uuid;
  std::string reason;  // goes into the posting's details
  Value details;       // as the board has it: factory | flow, store
  std::optional<StoredFlow>
      stored;           // is to be looked for; not there: what `details` say, if they say anything
  std::string warning;  // a flow that this conductor does not know: posted, another one may know it
};

/// Refused are unknown members, wrong types, parameters that the flow's factory refuses, and flows that do
/// not compile: what a conductor would end REJECTED is told to the poster at once.
std::variant<JobBody, Problem> read_job_body(const std::string& body, conductor::FlowCatalogue&);

}  // namespace baton::api
