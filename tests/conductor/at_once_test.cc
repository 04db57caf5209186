#include <algorithm>

#include "tests/conductor/cluster.h"

using namespace baton;
using namespace baton::conductor;
using namespace baton::conductor::testing;

namespace {

/// Every attempt of "r" fails without any worker's help.
const char* const kFailsAtOnce =
    R"({"flow": {"name": "f", "pattern": "linear", "retry": {"name": "r", "policy": "times", "attempts": 40},
        "nodes": [{"flow": {"name": "g", "pattern": "linear", "nodes": [],
                            "retry": {"name": "has_no_value", "policy": "for_each", "values": []}}}]}})";

struct AtOnce : Cluster {
  AtOnce() { clock.a_look = Micros{1}; }
  Attempt attempts() {
    const auto atoms = show("job").atoms;
    const auto found =
        std::find_if(atoms.begin(), atoms.end(), [](const auto& each) { return each.name == "r"; });
    REQUIRE(found != atoms.end());
    return found->record.attempt;
  }
};

}  // namespace

TEST_CASE_METHOD(AtOnce,
                 "attempts that fail at once do not all come in one commit, though the clock goes on") {
  conductor();
  post("job", kFailsAtOnce);
  until("the first commit", [&] { return state("job") != FlowState::Pending; });
  CHECK(attempts() == 16);
  loop.run_for(Millis{900});
  CHECK(attempts() == 16);
  loop.run_for(Millis{200});
  CHECK(attempts() == 32);
  until_ended("job", Millis{2'000});
  CHECK(state("job") == FlowState::Reverted);
  CHECK(attempts() == 40);
}
