#pragma once

#include "common/model/json_view.h"

namespace baton::engine {

/// Python's == over JSON (semantics.md 30, FORMAT.md): true, 1 and 1.0 are one number, objects compare
/// without order, containers deeply. Numbers are compared as they are written, so whole ones of any length
/// are exact: 9007199254740993 is not 9007199254740992.0, and 2**70 is not 2**70 + 1.
bool equal_as_python(const JsonView&, const JsonView&);

}  // namespace baton::engine
