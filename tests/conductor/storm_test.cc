#include <cstdlib>
#include <numeric>

#include "tests/conductor/cluster.h"

using namespace baton;
using namespace baton::conductor;
using namespace baton::conductor::testing;

namespace {

/// Conductors, workers and jobs under faults drawn from a seed; in the end everything must be as it should.
class Storm : public Cluster {
 public:
  explicit Storm(std::uint64_t seed) : dice_(seed) { entropy = memory::SeededEntropy(seed); }

  void messages() {
    broker.set_fates([this](const ports::InboxAddress&, std::string_view) {
      memory::MemoryBroker::Fate fate;
      if (calm_) return fate;
      if (one_in(20)) fate.copies = 0;
      if (one_in(20)) fate.copies = 2;
      if (one_in(5)) fate.delay = Millis{static_cast<std::int64_t>(dice_.below(300))};
      return fate;
    });
  }
  void start(int jobs) {
    script.takes = Millis{20};
    for (const char* name : {"c0", "c1", "c2"}) conductor(name);
    for (int i = 0; i < 3; ++i) workers_.push_back(&worker("w" + std::to_string(i)));
    for (int i = 0; i < jobs; ++i) post_create_cluster("job-" + std::to_string(i), 3);
  }
  void trouble() {
    const std::string name = "c" + std::to_string(dice_.below(3));
    Node& node = conductor(name);
    const auto w = dice_.below(workers_.size());
    using Lost = memory::MemoryFlowStore::LostReply;
    switch (dice_.below(8)) {
      case 0:
        return node.session->expire();
      case 1:
        return restart(name, one_in(2));
      case 2:
      case 3:
        return node.store->lose_next_reply(one_in(2) ? Lost::Applied : Lost::NotApplied);
      case 4:
        return workers_[w]->session().expire();
      case 5:
        workers_[w]->vanish(one_in(2));
        workers_[w] = &worker("w" + std::to_string(w) + "-" + std::to_string(++lives_));
        return;
      case 6:
        node.store->set_away(true);
        loop.run_for(Millis{static_cast<std::int64_t>(dice_.below(3'000))});
        return node.store->set_away(false);
      default:
        broker.set_reachable(false);
        loop.run_for(Millis{static_cast<std::int64_t>(dice_.below(2'000))});
        return broker.set_reachable(true);
    }
  }
  void calm() { calm_ = true; }
  std::uint64_t below(std::uint64_t bound) { return dice_.below(bound); }

 private:
  bool one_in(std::uint64_t n) { return dice_.below(n) == 0; }

  memory::SeededEntropy dice_;
  bool calm_ = false;
  int lives_ = 0;
  std::vector<ScriptedWorker*> workers_;
};

/// BATON_SEED=7 repeats one; BATON_STORMS=3000 runs so many.
std::vector<std::uint64_t> seeds() {
  const auto number = [](const char* name, std::uint64_t otherwise) {
    const char* given = std::getenv(name);
    return given ? std::strtoull(given, nullptr, 10) : otherwise;
  };
  if (const auto one = number("BATON_SEED", 0)) return {one};
  std::vector<std::uint64_t> seeds(number("BATON_STORMS", 40));
  std::iota(seeds.begin(), seeds.end(), 1);
  return seeds;
}

}  // namespace

TEST_CASE("whatever is lost, doubled, late or dead: every job ends, each atom recorded once", "[storm]") {
  for (const std::uint64_t seed : seeds()) {
    INFO("BATON_SEED=" << seed);
    Storm storm(seed);
    storm.messages();
    storm.start(6);
    for (int i = 0; i < 12; ++i) {
      storm.loop.run_for(Millis{static_cast<std::int64_t>(storm.below(150))});
      storm.trouble();
    }
    storm.calm();
    for (int i = 0; i < 6; ++i) {
      const std::string job = "job-" + std::to_string(i);
      storm.until_ended(job, Millis{300'000});
      INFO(job);
      const auto failure = storm.show(job).summary.failure.value_or(Failure{});
      INFO(failure.type << ": " << failure.message);
      CHECK(storm.state(job) == FlowState::Success);
      std::map<std::string, int> times;
      for (const auto& told : storm.history(job)) ++times[told];
      for (const auto& atom : storm.show(job).atoms) {
        CHECK(atom.record.attempt == 1);
        CHECK(times[atom.name + " SUCCESS"] == 1);
      }
      CHECK(times["SUCCESS"] == 1);
    }
    storm.until("the board is empty", [&] { return storm.on_board().empty(); });
    for (const char* name : {"c0", "c1", "c2"}) {
      auto& conductor = *storm.conductor(name).conductor;
      storm.until("nothing is held", [&] { return conductor.flows().empty(); });
      CHECK(conductor.gauges().running == 0);
      CHECK(conductor.gauges().atoms == 0);
      CHECK(conductor.gauges().waiting == 0);
      for (const auto& worker : conductor.workers()) CHECK(worker.outstanding == 0);
    }
  }
}
