#include "tests/fuzz/walk_trace.h"

#include <cstdio>
#include <string>

namespace baton::fuzz {
namespace {

std::string line_of(const engine::Plan& plan, const AtomFact& fact) {
  return plan.name(fact.atom) + " " + std::string(to_string(fact.from)) + " -> " +
         std::string(to_string(fact.after.state)) + ", to " + std::string(to_string(fact.after.intention)) +
         (fact.note.empty() ? "" : " (" + fact.note + ")");
}

std::string line_of(const engine::Plan& plan, const RangeFact& range) {
  return plan.name(range.first) + " … " + plan.name(range.first + range.count - 1) +
         (range.reset ? " are reset, to " : ": to ") + std::string(to_string(range.intention));
}

std::string line_of(const engine::Plan&, const FlowFact& fact) {
  return "the flow " + std::string(to_string(fact.from)) + " -> " + std::string(to_string(fact.state)) +
         (fact.note.empty() ? "" : " (" + fact.note + ")");
}

}  // namespace

void print_facts(const engine::Plan& plan, const std::vector<Fact>& facts) {
  for (const Fact& fact : facts) {
    const std::string line = std::visit([&](const auto& body) { return line_of(plan, body); }, fact.body);
    std::printf("  %llu: %s\n", static_cast<unsigned long long>(fact.seq), line.c_str());
  }
  std::fflush(stdout);
}

}  // namespace baton::fuzz
