#pragma once

#include <memory>

#include "common/postgres/reader.h"

namespace baton::postgres {

/// A primary; fsync, full_page_writes and synchronous_commit on; the schema's version: `done` with what does
/// not fit. Makes the history's next partitions, too.
void check_server(const std::shared_ptr<Reader>&, const std::string& schema, Done<void> done);

/// Makes the history's next partitions. Without them rows go to the default partition: harmless for a while.
void make_partitions(const std::shared_ptr<Reader>&, Done<void> done);

}  // namespace baton::postgres
