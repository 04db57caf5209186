#pragma once

#include "client/command/words/completion.h"

namespace baton::client {

/// Asks a conductor, shortly: somebody waits behind a Tab. `address` says whom, from the options that were
/// given; who does not answer knows no names.
std::vector<Candidate> names_of_conductor(Values, const std::vector<std::string>& addresses);

}  // namespace baton::client
