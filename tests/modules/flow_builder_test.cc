#include <baton/flow.h>

#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "common/model/value.h"
#include "engine/flow_members.h"
#include "engine/flow_reader.h"
#include "engine/flow_writer.h"

/// What authors of modules build in C++ and what JSON can say are the same.
namespace baton {
namespace {

using namespace std::chrono_literals;
using sdk::Depth;
using sdk::Flow;
using sdk::Retry;
using sdk::task;
using sdk::When;
using Names = std::set<std::string>;

Flow with_all_members() {
  const auto first = task("step", "a")
                         .needs({"s"})
                         .rebind("z", "s")
                         .revert_needs({"s"})
                         .provides_items({"x", "y"})
                         .inject("w", 1)
                         .label("zone", "north")
                         .schedule_to_start(1s)
                         .start_to_close(2s)
                         .heartbeat(3s)
                         .abandon_after(4s)
                         .priority(-3)
                         .fail_on_worker_loss()
                         .max_deliveries(9)
                         .irreversible()
                         .continue_on_revert_failure()
                         .describe("d");
  return Flow::graph("f")
      .describe("all of it")
      .retry(Retry::timeout(1h)
                 .named("r")
                 .attempts(7)
                 .revert_all()
                 .needs({"s"})
                 .retry_on({"Full"})
                 .backoff(10ms, 2.0, 99ms, 0.5)
                 .suspend_when_exhausted()
                 .provides("v"))
      .add(first)
      .add(Flow::linear("each").retry(Retry::for_each({1, 2})))
      .add(Flow::unordered("symbol").retry(Retry::parameterized_for_each("s")))
      .add(Flow::linear("own").retry(Retry::user("p", {{"x", 1}}).attempts(2)))
      .link("a", "each", When::result_of("a", nullptr), Depth::flow)
      .link("a", "own", When::always(false));
}

Names members_of(const boost::json::object& object) {
  Names names;
  for (const auto& member : object) names.emplace(member.key());
  return names;
}

template <std::size_t N>
Names known(const std::array<std::string_view, N>& members) {
  return {members.begin(), members.end()};
}

}  // namespace

TEST_CASE("a flow that was built in C++ is read with all that it says") {
  const Flow built = with_all_members();
  const auto read = engine::read_flow(Value::parse(boost::json::serialize(built.json())).value());
  REQUIRE(read.ok());
  const auto again = engine::read_flow(engine::write_flow(*read));
  REQUIRE(again.ok());
  const auto& task = std::get<engine::TaskSpec>(read->nodes[0]);
  CHECK(task.timeouts->heartbeat == Millis(3000));
  CHECK(task.timeouts->abandon_after == Millis(4000));
  CHECK(task.irreversible);
  CHECK(task.on_revert_failure == engine::OnRevertFailure::Continue);
  CHECK(task.on_worker_loss == engine::OnWorkerLoss::Fail);
  CHECK(read->retry->policy == engine::RetryPolicy::Timeout);
  CHECK(read->retry->budget == Millis(3'600'000));
  CHECK(read->retry->backoff->cap == Millis(99));
  CHECK(read->retry->backoff->jitter == 0.5);
  CHECK(read->retry->on_exhausted == engine::OnExhausted::Suspend);
  CHECK(read->retry->retry_on == std::vector<std::string>{"Full"});
}

TEST_CASE("the builder knows every member of tasks, retries and flows") {
  const auto json = with_all_members().json();
  const auto& nodes = json.at("nodes").as_array();
  const auto& task = nodes[0].as_object();
  CHECK(members_of(task) == known(engine::flow_members::kTask));
  CHECK(members_of(task.at("timeouts").as_object()) == known(engine::flow_members::kTimeouts));
  Names retry = members_of(json.at("retry").as_object());
  for (std::size_t i = 1; i < nodes.size(); ++i)
    retry.merge(members_of(nodes[i].at("flow").at("retry").as_object()));
  CHECK(retry == known(engine::flow_members::kRetry));
  CHECK(members_of(json.at("retry").at("backoff").as_object()) == known(engine::flow_members::kBackoff));
  CHECK(members_of(json.at("links").as_array()[0].as_object()) == known(engine::flow_members::kLink));
}

}  // namespace baton
