#pragma once

#include <string>

namespace baton::runtime {

/// The path of another program of ours, which stands beside this very one.
std::string beside_program(const std::string& name);

}  // namespace baton::runtime
