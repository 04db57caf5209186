#pragma once

#include <boost/json/object.hpp>
#include <iosfwd>
#include <vector>

#include "engine/plan.h"

namespace baton::client {

struct ReadyWorker;

/// What a plan will do, for programs: its tasks in steps, what its retries revert, where a rollback stops.
/// `workers`: each task has those of them that can run it; null: nothing is said of workers.
boost::json::object plan_outlook(const engine::Plan&, const std::vector<ReadyWorker>* workers);

/// The same for people.
void print_outlook(std::ostream&, const boost::json::object& outlook, bool with_workers);

}  // namespace baton::client
