#pragma once

#include <functional>
#include <memory>

#include "common/postgres/session.h"
#include "common/postgres/work.h"

namespace baton::postgres {

/// Finds the atom of a refused step whose value Postgres does not take, by halving; kNoAtom if it takes all
/// (or the connection goes away meanwhile). Uses the session alone until `found` is called.
void find_guilty_atom(const std::shared_ptr<Session>&, const StepWork&, std::function<void(AtomIndex)> found);

}  // namespace baton::postgres
