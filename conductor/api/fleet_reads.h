#pragma once

#include "conductor/api/backend.h"
#include "conductor/api/exchange.h"

/// What this conductor knows without asking anybody: answered at once.
namespace baton::api {

Response workers_response(const conductor::Inspection&);                           // GET /v1/workers
Response conductors_response(const conductor::Inspection&);                        // GET /v1/conductors
Response left_alone_response(const conductor::Inspection&);                        // GET /v1/left-alone
Response flows_response(const conductor::FlowCatalogue&);                          // GET /v1/flows
Response flow_response(const conductor::FlowCatalogue&, const std::string& name);  // GET /v1/flows/{name}
Response readiness_response(const conductor::Inspection&);                         // GET /readyz

}  // namespace baton::api
