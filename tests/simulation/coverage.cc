#include "tests/simulation/coverage.h"

#include <algorithm>
#include <set>
#include <vector>

namespace baton::simulation {
namespace {

std::string padded(std::string text, std::size_t width, bool left) {
  const std::string blanks(width > text.size() ? width - text.size() : 0, ' ');
  return left ? text + blanks : blanks + text;
}

}  // namespace

void Coverage::add(const Coverage& other) {
  for (const auto& [fault, states] : other.met_)
    for (const auto& [state, times] : states) met_[fault][state] += times;
}

std::string Coverage::table() const {
  std::set<std::string> states;
  std::size_t first = 0;
  for (const auto& [fault, met] : met_) {
    first = std::max(first, fault.size());
    for (const auto& [state, times] : met) states.insert(state);
  }
  std::string text = padded("", first, true);
  for (const auto& state : states) text += "  " + padded(state, 8, false);
  text += '\n';
  for (const auto& [fault, met] : met_) {
    text += padded(fault, first, true);
    for (const auto& state : states) {
      const auto found = met.find(state);
      text += "  " + padded(found == met.end() ? "." : std::to_string(found->second),
                            std::max<std::size_t>(8, state.size()), false);
    }
    text += '\n';
  }
  return text;
}

}  // namespace baton::simulation
