#include "tests/conductor/cluster.h"

using namespace baton;
using namespace baton::conductor;
using namespace baton::conductor::testing;

namespace {

constexpr const char* kReason =
    "3 conductors died within the last hour while they were at work on it: it is tried again when that is "
    "longer ago\n  hint: their logs and core dumps say where; a module of its flow is the first suspect";

struct Poison : Cluster {
  void die_at(const std::string& job, std::size_t times) {
    for (std::size_t i = 0; i < times; ++i)
      memory::MemoryDirectory::note_death(ensemble, Incarnation(entropy.uuid()), kRoot, {job, {}});
  }
  void forget_deaths() {
    const std::string folder = std::string(kRoot) + "/deaths";
    for (const auto& note : ensemble.children(folder)) ensemble.remove(folder + "/" + note);
  }
  /// The note of one more death at the job is told while the store is asked for it: its lock is there.
  void dies_once_more_at_claim_by(Node& node, const std::string& job) {
    node.store->doubt_claims([this, job, told = false](const ports::ClaimRequest&) mutable {
      if (std::exchange(told, true)) return false;
      die_at(job, 1);
      loop.run_until_idle();
      return false;
    });
  }
  void until_left_alone(Node& node) {
    until("it is left alone", [&] { return node.conductor->left_alone().size() == 1; });
    CHECK(node.conductor->left_alone()[0].reason == kReason);
  }
  static constexpr const char* kRoot = memory::MemoryDirectory::kDefaultRoot;
};

}  // namespace

TEST_CASE_METHOD(Poison,
                 "H22: a job at which conductors died too often is left alone and shown, the others go on") {
  auto& node = conductor();
  worker("w1");
  die_at("poison", bounds.deaths_max);
  die_at("unlucky", bounds.deaths_max - 1);
  die_at("", 1);  // one who was at work on nothing in particular
  loop.run_for(Millis{100});
  for (const std::string uuid : {"poison", "unlucky", "innocent"}) post_create_cluster(uuid);
  until_ended("unlucky");
  until_ended("innocent");
  CHECK(state("unlucky") == FlowState::Success);
  CHECK(state("innocent") == FlowState::Success);
  const auto left = node.conductor->left_alone();
  REQUIRE(left.size() == 1);
  CHECK(left[0].job == JobId("poison"));
  CHECK(left[0].reason == kReason);
}

TEST_CASE_METHOD(Poison, "H22: the last death may be told when the job is claimed, before it is compiled") {
  auto& node = conductor();
  worker("w1");
  die_at("poison", bounds.deaths_max - 1);
  loop.run_for(Millis{100});
  bool built = false;
  catalogue.on_build = [&] { built = true; };
  dies_once_more_at_claim_by(node, "poison");
  post_create_cluster("poison");
  until_left_alone(node);
  CHECK(node.conductor->counters().jobs_claimed == 1);
  loop.run_for(Millis{10'000});
  CHECK(node.conductor->counters().jobs_claimed == 1);
  CHECK_FALSE(built);
}

TEST_CASE_METHOD(Poison, "H22: the last death may be told when the job is taken over, before it is loaded") {
  conductor("a");
  auto& w = worker("w1");
  script.held.insert("step-1");
  post("poison", R"({"factory": {"name": "chain", "kwargs": {"length": 1}}})");
  until("it runs", [&] { return w.holds("step-1"); });
  auto& b = conductor("b");
  die_at("poison", bounds.deaths_max - 1);
  loop.run_for(Millis{100});
  dies_once_more_at_claim_by(b, "poison");
  kill("a", true);
  until_left_alone(b);
  CHECK(b.conductor->counters().jobs_claimed == 1);
  CHECK(b.conductor->counters().steps == 0);
  CHECK(b.conductor->counters().requests_sent == 0);
}

TEST_CASE_METHOD(Poison, "H22: a job at which conductors died is tried again once that is long ago") {
  auto& node = conductor();
  worker("w1");
  die_at("poison", bounds.deaths_max);
  loop.run_for(Millis{100});
  post_create_cluster("poison");
  until_left_alone(node);
  loop.run_for(Millis{10'000});
  CHECK(node.conductor->left_alone().size() == 1);
  CHECK(node.conductor->counters().jobs_claimed == 0);
  forget_deaths();
  until_ended("poison");
  CHECK(state("poison") == FlowState::Success);
  CHECK(node.conductor->left_alone().empty());
}
