#pragma once

#include <functional>
#include <memory>

#include "common/postgres/reader.h"
#include "common/postgres/server_word.h"

namespace baton::postgres {

using Heard = std::function<void(const ServerWord&)>;

/// A primary; fsync, full_page_writes and synchronous_commit on; the schema's version: `done` with what does
/// not fit. Makes the history's next partitions, too. `heard`: what the server says of itself.
void check_server(const std::shared_ptr<Reader>&, const std::string& schema, Heard heard, Done<void> done);

/// Only asks; silent where there is no answer.
void look_at_server(const std::shared_ptr<Reader>&, Heard heard);

/// Makes the history's next partitions. Without them rows go to the default partition: harmless for a while.
void make_partitions(const std::shared_ptr<Reader>&, Done<void> done);

}  // namespace baton::postgres
