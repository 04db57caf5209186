#include "conductor/placement.h"

#include <catch2/catch.hpp>

#include "common/memory/event_loop.h"
#include "common/memory/seeded_entropy.h"

using namespace baton;
using namespace baton::conductor;

namespace {

/// A flow whose atoms all want to start; remembers what it was granted.
struct WaitingFlow final : FlowInbox {
  std::vector<std::pair<AtomIndex, std::string>> granted;
  std::set<AtomIndex> unable;

  void take(engine::Event, Incarnation) override {}
  void order(const ports::OrderRecord&) override {}
  void grant(AtomIndex atom, Incarnation, const std::string& worker) override {
    granted.emplace_back(atom, worker);
  }
  bool may_start(AtomIndex atom) const override { return !unable.contains(atom); }
  AtomIndex find(std::string_view) const override { return kNoAtom; }
  std::optional<wire::Request> request(AtomIndex, Dispatch) const override { return std::nullopt; }
  bool wants_start(AtomIndex) const override { return false; }
  void step() override {}
};

struct PlacementStory {
  PlacementStory() {
    bounds.prefetch = 1;
    flows.add(flow_id, flow);
    flows.add(other_id, other);
  }
  ports::Advert advert(const std::string& name, std::uint32_t slots,
                       std::map<std::string, std::string> labels = {}) {
    ports::Advert advert{name, incarnations[name], {"step"}, slots, std::move(labels)};
    if (advert.incarnation == Incarnation{})
      advert.incarnation = incarnations[name] = Incarnation(entropy.uuid());
    return advert;
  }
  std::string place(AtomIndex atom, const Placement::Taste& taste = {}) {
    const auto chosen = placement.place(flow_id, atom, task, taste);
    return chosen ? chosen->name : "waits";
  }
  std::uint32_t outstanding(const std::string& name) {
    for (const auto& worker : placement.view())
      if (worker.advert.name == name) return worker.outstanding;
    return 0;
  }

  memory::EventLoop loop;
  memory::SeededEntropy entropy{7};
  Bounds bounds;
  Flows flows{loop};
  Placement placement{loop, entropy, flows, bounds};
  FlowId flow_id{entropy.uuid()}, other_id{entropy.uuid()};
  WaitingFlow flow, other;
  engine::TaskSpec task{.type = "step"};
  std::map<std::string, Incarnation> incarnations;
};

}  // namespace

TEST_CASE_METHOD(PlacementStory, "free slots are filled before anything queues at a worker") {
  placement.workers({advert("a", 2), advert("b", 2)});
  for (AtomIndex atom = 0; atom < 4; ++atom) CHECK(place(atom) != "waits");
  CHECK(outstanding("a") == 2);
  CHECK(outstanding("b") == 2);
  CHECK(place(4) != "waits");  // prefetch
  CHECK(place(5) != "waits");
  CHECK(place(6) == "waits");
}

TEST_CASE_METHOD(PlacementStory, "room that appears goes to who waits, by priority, then age") {
  placement.workers({advert("a", 1)});
  place(0);
  place(1);
  CHECK(place(2) == "waits");
  CHECK(place(3) == "waits");
  task.priority = 5;
  CHECK(place(4) == "waits");
  placement.release(incarnations["a"]);
  placement.release(incarnations["a"]);
  using Granted = std::vector<std::pair<AtomIndex, std::string>>;
  CHECK(flow.granted == Granted{{4, "a"}, {2, "a"}});
  CHECK(outstanding("a") == 2);
  CHECK(placement.waiting_count() == 1);
}

TEST_CASE_METHOD(PlacementStory, "flows take turns") {
  placement.workers({advert("a", 1)});
  place(0);
  place(1);
  for (AtomIndex atom = 2; atom < 100; ++atom) place(atom);
  placement.place(other_id, 0, task, {});
  placement.release(incarnations["a"]);
  placement.release(incarnations["a"]);
  CHECK(flow.granted.size() == 1);
  CHECK(other.granted.size() == 1);
}

TEST_CASE_METHOD(PlacementStory, "an atom that can no longer start is passed over and takes no room") {
  placement.workers({advert("a", 1)});
  place(0);
  place(1);
  place(2);
  place(3);
  flow.unable = {2};
  placement.release(incarnations["a"]);
  REQUIRE(flow.granted.size() == 1);
  CHECK(flow.granted[0].first == 3);
  CHECK(outstanding("a") == 2);
}

TEST_CASE_METHOD(PlacementStory, "the preferred worker is taken while it has room") {
  placement.workers({advert("a", 1), advert("b", 50)});
  CHECK(place(0, {.prefer = incarnations["a"]}) == "a");
  CHECK(place(1, {.prefer = incarnations["a"]}) == "a");
  CHECK(place(2, {.prefer = incarnations["a"]}) == "b");
}

TEST_CASE_METHOD(PlacementStory, "H6: a worker to be avoided is taken only where no other has room") {
  placement.workers({advert("a", 50), advert("b", 1)});
  const Placement::Taste taste{.avoid = incarnations["a"]};
  CHECK(place(0, taste) == "b");
  CHECK(place(1, taste) == "b");  // to queue there is better than to wait for what never ends
  CHECK(place(2, taste) == "a");
}

TEST_CASE_METHOD(PlacementStory, "a draining or unreachable worker gets nothing new and keeps what it has") {
  auto a = advert("a", 2);
  placement.workers({a});
  place(0);
  a.state = GENERATE(ports::AdvertState::Draining, ports::AdvertState::Unreachable);
  placement.workers({a});
  CHECK(place(1) == "waits");
  CHECK(outstanding("a") == 1);
  const auto waiting = placement.waiting(
      flow_id, [](AtomIndex, WaitingAtom&) {}, 10);
  REQUIRE(waiting.size() == 1);
  CHECK(waiting[0].reason == "all workers that advertise 'step' are draining or unreachable (1)");
  a.state = ports::AdvertState::Ready;
  placement.workers({a});
  CHECK(flow.granted.size() == 1);
}

TEST_CASE_METHOD(PlacementStory, "a worker that said busy rests for a moment") {
  placement.workers({advert("a", 2)});
  placement.rest(incarnations["a"], bounds.busy_pause);
  CHECK(place(0) == "waits");
  loop.run_for(bounds.busy_pause);
  CHECK(flow.granted.size() == 1);
}

TEST_CASE_METHOD(PlacementStory, "what is out at a worker that has gone is given back all the same") {
  placement.workers({advert("a", 1)});
  place(0);
  placement.workers({});
  CHECK(place(1) == "waits");
  placement.release(incarnations["a"]);
  CHECK(placement.view().empty());
  placement.workers({advert("a", 1)});
  CHECK(outstanding("a") == 1);
  CHECK(flow.granted.size() == 1);
}

TEST_CASE_METHOD(PlacementStory, "ten thousand atoms wait and follow without a rescan") {
  placement.workers({advert("a", 1)});
  for (AtomIndex atom = 0; atom < 10'000; ++atom) place(atom);
  for (int i = 0; i < 9'998; ++i) placement.release(incarnations["a"]);
  CHECK(flow.granted.size() == 9'998);
  CHECK(placement.waiting_count() == 0);
  CHECK(outstanding("a") == 2);
}
