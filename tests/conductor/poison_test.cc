#include "tests/conductor/cluster.h"

using namespace baton;
using namespace baton::conductor;
using namespace baton::conductor::testing;

TEST_CASE_METHOD(Cluster,
                 "H22: a job at which conductors died too often is left alone and shown, the others go on") {
  auto& node = conductor();
  worker("w1");
  const auto die_at = [this](const std::string& job) {
    memory::MemoryDirectory::note_death(ensemble, Incarnation(entropy.uuid()),
                                        memory::MemoryDirectory::kDefaultRoot, job);
  };
  for (std::size_t i = 0; i < bounds.deaths_max; ++i) die_at("poison");
  for (std::size_t i = 0; i + 1 < bounds.deaths_max; ++i) die_at("unlucky");
  die_at("");  // one who was at work on nothing in particular
  loop.run_for(Millis{100});
  for (const std::string uuid : {"poison", "unlucky", "innocent"}) post_create_cluster(uuid);
  until_ended("unlucky");
  until_ended("innocent");
  CHECK(state("unlucky") == FlowState::Success);
  CHECK(state("innocent") == FlowState::Success);
  const auto left = node.conductor->left_alone();
  REQUIRE(left.size() == 1);
  CHECK(left[0].job == JobId("poison"));
  CHECK(
      left[0].reason ==
      "3 conductors died within the last hour while they were at work on it: it is tried again when that is "
      "longer ago\n  hint: their logs and core dumps say where; a module of its flow is the first suspect");
}
