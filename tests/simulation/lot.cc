#include "tests/simulation/lot.h"

#include <map>

namespace baton::simulation {
namespace {

constexpr std::uint64_t kLots = 1'878;  // a stream that leaves the README's seeds as they were
constexpr std::uint64_t kLossOneIn = 3, kOrdersOneIn = 3, kDrainsOneIn = 3;

}  // namespace

Lot lot_of(std::uint64_t seed) {
  Dice dice(seed, Chance::Later, kLots);
  Lot lot;
  static constexpr std::array kLosses{Loss::BoardWiped, Loss::BoardRestored, Loss::DatabaseForgets};
  const auto drawn = dice.below(kLosses.size() * kLossOneIn);
  if (drawn < kLosses.size()) lot.loss = kLosses[drawn];
  lot.orders = dice.one_in(kOrdersOneIn);
  lot.drains = dice.one_in(kDrainsOneIn);
  return lot;
}

bool add(Lot& lot, std::string_view name) {
  static const std::map<std::string_view, Loss> kLosses{{"wiped-board", Loss::BoardWiped},
                                                        {"restored-board", Loss::BoardRestored},
                                                        {"forgetful-database", Loss::DatabaseForgets}};
  const auto loss = kLosses.find(name);
  if (loss != kLosses.end()) lot.loss = loss->second;
  if (name == "orders") lot.orders = true;
  if (name == "drains") lot.drains = true;
  return loss != kLosses.end() || name == "orders" || name == "drains";
}

}  // namespace baton::simulation
