#pragma once

#include "client/command/context.h"
#include "common/ports/flow_store.h"
#include "engine/plan.h"

namespace baton::client {

/// What happened, at the end of a local run: for people the flow's atoms as a tree (of a large flow those
/// that did not succeed), with --output json as GET /v1/jobs/UUID has it.
void print_picture(const Context&, const ports::JobDetail&, const engine::Plan&, TimePoint now);

}  // namespace baton::client
