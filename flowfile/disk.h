#pragma once

#include "flowfile/flow_file.h"

namespace baton::flowfile {

/// Reads files of this machine, of at most kFileBytesMax (limits.h).
ReadText from_disk();

}  // namespace baton::flowfile
