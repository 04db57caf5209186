#pragma once

#include <string>

#include "client/command/words/word.h"

namespace baton::client {

/// "baton-job-post.1"
std::string man_page_name(const Word&);

/// A word's man page, in the macros of man(7). Short words have none: the word that they are short for has.
std::string man_page(const Word&);

}  // namespace baton::client
