#include "tests/conductor/cluster.h"

using namespace baton;
using namespace baton::conductor;
using namespace baton::conductor::testing;

namespace {

/// Who shows that a job that has not ended has lost its node (PROTOCOL.md H30).
struct MissingJobs : Cluster {
  /// A job at work whose holder died, and whose node another hand removed before anybody saw it free. The
  /// conductor that is left.
  std::string lose_a_job() {
    conductor("c1");
    conductor("c2");
    auto& w = worker("w1");
    script.held = {"step-1"};
    post("job", R"({"factory": {"name": "chain", "kwargs": {"length": 1}}})");
    until("it runs", [&] { return w.running() == 1; });
    const std::string holder = conductor("c1").conductor->flow(JobId("job")) ? "c1" : "c2";
    kill(holder, true);
    ensemble.remove("/taskflow/jobs/" + on_board().at(0));
    return holder == "c1" ? "c2" : "c1";
  }
  bool shown(const std::string& by) { return !conductor(by).conductor->parked().empty(); }
  void until_shown(const std::string& by) {
    until(
        "it is shown", [&] { return shown(by); }, Millis{200'000});
  }
};

}  // namespace

TEST_CASE_METHOD(MissingJobs, "whose turn it is again to look for missing jobs begins anew") {
  const std::string left = lose_a_job();
  until_shown(left);
  memory::MemorySession session(ensemble);
  auto directory = std::make_unique<memory::MemoryDirectory>(session);
  ports::Member first;
  first.name = "first";
  first.incarnation = Incarnation(Uuid{});
  directory->join(first, [](const auto& joined) { REQUIRE(joined.ok()); });
  until("it is another's turn", [&] { return !shown(left); });
  loop.run_for(Millis{1'000});
  directory->close();
  loop.run_for(bounds.missing_round + bounds.missing_round / 2);
  CHECK_FALSE(shown(left));  // one look has missed it since
  until_shown(left);
}
