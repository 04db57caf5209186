#pragma once

#include "client/command/words/completion.h"

namespace baton::client {

/// The parameters of the flow that is named before: a file's, or a registered or stored one's, as one of
/// these conductors knows it. None where it cannot be read.
std::vector<Candidate> parameter_names(const Before&, const std::vector<std::string>& conductors);

}  // namespace baton::client
