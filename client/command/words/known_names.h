#pragma once

#include "client/command/words/completion.h"

namespace baton::client {

inline constexpr Millis kTabPatience{700};  // with each conductor: somebody waits behind a Tab

/// Asks a conductor, shortly; who does not answer knows no names, nor does nobody.
std::vector<Candidate> names_of_conductor(Values, const std::vector<std::string>& addresses);

}  // namespace baton::client
