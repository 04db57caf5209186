#pragma once

#include <string>

#include "client/command/words/word.h"

namespace baton::client {

/// What `baton … --help` prints about a word.
std::string help_text(const Word&);

/// What follows a word in its usage: "[FLOW] [OPTION]…".
std::string behind_text(const Word&);

/// "-f, --file FILE"; of an argument "FLOW".
std::string names_text(const Given&);

/// What it is, with the words to choose from.
std::string about_text(const Given&);

/// "baton job has no word 'lst'", with the nearest that there is.
std::string unknown_word(const Word&, const std::string& name);
/// The same of "--stat" or "--stat=x".
std::string unknown_option(const Word&, const std::string& text);

}  // namespace baton::client
