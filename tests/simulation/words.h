#pragma once

#include <string>

#include "common/ports/flow_store.h"
#include "common/wire/messages.h"
#include "engine/plan.h"
#include "tests/simulation/trace.h"

/// Things in a few words, for traces and for what a checker says. The same in every build.
namespace baton::simulation {

std::string words(const Epoch&);
std::string words(ports::ClaimVerdict);
std::string words(const Fact&, const engine::Plan&);
std::string words(const wire::DeliveryId&);  // "create-1 EXECUTE#2/4294967299"
std::string words(const wire::Message&, const Trace&);
/// Which kind of message it is; of requests, what they ask for.
std::string kind_of(const wire::Message&);

}  // namespace baton::simulation
