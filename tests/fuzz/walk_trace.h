#pragma once

#include <vector>

#include "common/model/fact.h"
#include "engine/plan.h"

namespace baton::fuzz {

/// One line a fact, on standard output: what a walk did, for people.
void print_facts(const engine::Plan&, const std::vector<Fact>&);

}  // namespace baton::fuzz
