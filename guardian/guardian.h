#pragma once

#include <filesystem>
#include <string>

#include "common/model/result.h"
#include "common/model/time.h"

namespace baton::guardian {

/// Which life of which daemon: its runtime folder (common/runtime/runtime_folder.h) and the name of the life.
struct Life {
  std::filesystem::path folder;
  std::string invocation;
};

/// Waits until a daemon and all its children are dead, then notes the death and ends the session that it
/// left, so that others take over at once (PROTOCOL.md H20, H21). A daemon that ended in order has left none.
/// The kernel tells of the death by granting the lock: no pid is looked at, no other life is touched.
/// Blocks: for the death without a limit, `deadline` for the rest.
/// What was done, in words for a log; the error is for people.
Result<std::string, std::string> look_after(const Life&, Millis deadline);

}  // namespace baton::guardian
