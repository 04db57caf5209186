#include "tests/simulation/trace.h"

#include <cstdio>
#include <iostream>

namespace baton::simulation {

void Trace::line(Micros at, const std::string& text) {
  if (!wanted_) return;
  char time[32];
  const auto micros = static_cast<long long>(at.count());
  std::snprintf(time, sizeof time, "%6lld.%03lld ", micros / 1'000'000, micros / 1'000 % 1'000);
  std::cout << time << text << std::endl;
}

std::string Trace::of(const Incarnation& incarnation) const {
  const auto found = processes_.find(incarnation);
  return found == processes_.end() ? incarnation.value.to_string() : found->second;
}

std::string Trace::of(const FlowId& flow) const {
  const auto found = flows_.find(flow);
  return found == flows_.end() ? flow.value.to_string() : found->second;
}

}  // namespace baton::simulation
