#pragma once

#include <string_view>

#include "tests/simulation/dice.h"

namespace baton::simulation {

/// What a server loses in a seed (docs/lost-servers.md).
enum class Loss : std::uint8_t { None, BoardWiped, BoardRestored, DatabaseForgets };

/// What a seed's story has beside its jobs and the weather that every seed may have.
struct Lot {
  Loss loss = Loss::None;
  bool orders = false;  // people suspend, resume and cancel
  bool drains = false;  // processes are told to stop, and replies of commits get lost
};
Lot lot_of(std::uint64_t seed);

/// Puts into the lot what goes by that name, whatever the seed says. False: there is none.
bool add(Lot&, std::string_view name);
inline constexpr const char* kLotNames = "wiped-board, restored-board, forgetful-database, orders, drains";

}  // namespace baton::simulation
