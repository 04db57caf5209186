#pragma once

#include <string>

#include "client/command/words/word.h"

namespace baton::client {

/// What `baton … --help` prints about a word.
std::string help_text(const Word&);

/// "[FLOW]", "UUID ATOM", "FILE…": a word's arguments as its usage has them; empty: none.
std::string arguments_text(const Word&);

/// "-f, --file FILE"; of an argument "FLOW".
std::string names_text(const Given&);

}  // namespace baton::client
