#pragma once

#include <string>
#include <string_view>

#include "common/ports/flow_store.h"

namespace baton::api {

/// A row of the history as a server-sent event: its id, "atom" or "flow", and the row with its job.
std::string to_sse(const ports::EventRow&);
/// "event: end": this stream is over; `why` for people.
std::string sse_end(std::string_view why);
/// A line that clients skip; keeps the connection alive.
std::string sse_comment(std::string_view text);

/// The row says that the job's run is over.
bool ends_job(const ports::HistoryRow&);

}  // namespace baton::api
