#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "common/postgres/session.h"
#include "common/postgres/work.h"

namespace baton::postgres {

/// Finds the atom of a refused step whose value Postgres does not take, by halving: kNoAtom if it takes all,
/// nothing if the search could not be ended. Uses the session alone until `found` is called.
using GuiltyFound = std::function<void(std::optional<AtomIndex>)>;
void find_guilty_atom(const std::shared_ptr<Session>&, const StepWork&, GuiltyFound);

}  // namespace baton::postgres
