#pragma once

#include "common/ports/clock.h"
#include "common/ports/entropy.h"
#include "common/ports/flow_store.h"
#include "common/ports/job_board.h"
#include "common/runtime/metrics.h"
#include "conductor/api/self_read.h"
#include "conductor/event_feed.h"
#include "conductor/flow_catalogue.h"
#include "conductor/inspection.h"

namespace baton::api {

/// What the API stands on. All of it belongs to the process and outlives the ApiServer; owner's thread only.
struct Backend {
  ports::FlowStore& store;
  ports::JobBoard& board;
  conductor::Inspection& inspection;
  conductor::EventFeed& feed;
  conductor::FlowCatalogue& catalogue;
  ports::Clock& clock;
  ports::Entropy& entropy;
  runtime::Metrics& metrics;  // shown; the API counts here too
  TellFacts facts = {};       // for GET /v1/self; null: there are none
};

}  // namespace baton::api
