#include "tests/conformance/case_run.h"

namespace baton::conformance {
namespace {

constexpr std::size_t kLivesMax = 2'000;  // more than any case can ask for

std::map<std::string, std::string> begun_atoms(const EngineHost& host) {
  std::map<std::string, std::string> states;
  for (const auto& [name, atom] : host.stored_atoms())
    if (atom.state != AtomState::Pending) states[name] = to_string(atom.state);
  return states;
}

}  // namespace

void run_case(Stage& stage, EngineHost& host) {
  Observed& seen = stage.seen;
  for (std::size_t runs = 0, lives = 0; runs < stage.one.runs; ++lives) {
    if (lives == kLivesMax) seen.defects.push_back("it never ends");
    if (!seen.defects.empty()) break;
    const auto end = host.live();
    if (end == EngineHost::End::Refused) return;
    stage.commits.end_life();
    const std::string state(end == EngineHost::End::Crashed ? "CRASH" : to_string(host.stored_state()));
    seen.run_states.push_back(state);
    if (state == "SUSPENDED")
      seen.suspended.push_back(begun_atoms(host));
    else if (state != "CRASH")
      ++runs;
  }
  seen.atoms = host.stored_atoms();
}

}  // namespace baton::conformance
