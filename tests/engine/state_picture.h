#pragma once

#include <string>

namespace baton::tests {

/// docs/states.md, drawn from the tables of engine/moves.h.
std::string state_picture();

}  // namespace baton::tests
