#pragma once

#include "flowfile/node.h"

namespace baton::flowfile {

/// Before parameters are put in a text with a name in it may become anything.
enum class Stage { Written, Expanded };

/// Tells all that no flow file may look like, by the tables of grammar.h. False: something is missing or of
/// such a kind that what it would mean cannot be said either.
bool check_form(const Node& file, Stage, Problems&);

}  // namespace baton::flowfile
