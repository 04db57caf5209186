#pragma once

#include <string>

#include "common/wire/messages.h"

/// Requests as the JSON that task code reads. Texts of values are copied as they were received.
namespace baton::worker {

/// What a revert in a module is given: {"arguments", "result", "failure", "flow_failures"}.
std::string undo_json(const wire::Request&);

/// What a command reads on stdin: {"arguments", "intention", "attempt", "dispatch", "idempotency_key",
/// "flow", "atom", "job"}; of a revert also "result", "failure", "flow_failures".
std::string command_json(const wire::Request&);

}  // namespace baton::worker
