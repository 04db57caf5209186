#pragma once

#include "flowfile/node.h"
#include "flowfile/scope.h"

namespace baton::flowfile {

/// `when` of a node. Decided while the file is read: a boolean, {equals: [a, b]}, {in: [a, list]}, {not: …},
/// {all: […]}, {any: […]} over parameters. Or while the flow runs: {result_of, equals, depth}.
void check_condition(const Node&, Problems&);

bool is_decided_later(const Node&);
/// One that is decided now; false also where that cannot be said, which is told.
bool holds(const Node&, const Scope&, Problems&, Budget&);

}  // namespace baton::flowfile
