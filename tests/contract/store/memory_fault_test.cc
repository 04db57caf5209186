#include "tests/contract/store/store_story.h"

using namespace baton;
using namespace baton::test;
using ports::StoreErrorCode;

namespace {

struct Noted final : ports::FlowStore::Listener {
  void on_reachable(bool reachable) override { words.push_back(reachable ? "reachable" : "away"); }
  void on_another_database(const std::string& what) override { words.push_back(what); }
  Lines words;
};

struct FaultyStory : StoreStory<MemoryStores> {
  memory::MemoryFlowStore& faulty() { return static_cast<memory::MemoryFlowStore&>(*store); }
  ports::ClaimOutcome started() {
    const auto claim = owned(request(posting("job-1"), 100, "c1"));
    must_append(first_step(claim, {flow_fact(1, FlowState::Pending, FlowState::Running)}));
    return claim;
  }
};

}  // namespace

TEST_CASE("a lost reply can be played, applied or not", "[memory][store]") {
  FaultyStory story;
  const auto claim = story.started();
  const auto step = story.step(claim, {flow_fact(2, FlowState::Running, FlowState::Success)});
  story.faulty().lose_next_reply(memory::MemoryFlowStore::LostReply::NotApplied);
  CHECK(story.refused(step) == StoreErrorCode::OutcomeUnknown);
  CHECK(story.load(claim).state == FlowState::Running);
  story.faulty().lose_next_reply(memory::MemoryFlowStore::LostReply::Applied);
  CHECK(story.refused(step) == StoreErrorCode::OutcomeUnknown);
  CHECK(story.load(claim).state == FlowState::Success);
}

TEST_CASE("an outage can be played, for one store of several", "[memory][store]") {
  FaultyStory story;
  Noted noted;
  story.faulty().listen(noted);
  const auto claim = story.started();
  story.faulty().set_away(true);
  CHECK(story.refused(story.step(claim, {flow_fact(2, FlowState::Running, FlowState::Success)})) ==
        StoreErrorCode::Unavailable);
  CHECK(story.try_load(claim.flow, claim.epoch).error().code == StoreErrorCode::Unavailable);
  const auto other = story.stores.open();
  Answer<ports::FlowSnapshot> loaded;
  other->load(claim.flow, claim.epoch, loaded.done());
  CHECK(story.wait(loaded).ok());
  story.faulty().set_away(false);
  CHECK(story.load(claim).state == FlowState::Running);
  CHECK(noted.words == Lines{"away", "reachable"});
}

TEST_CASE("a connection is lost: what was under way may be done later, and nobody is told",
          "[memory][store]") {
  FaultyStory story;
  const auto claim = story.started();
  const auto answer =
      story.begin_append(story.step(claim, {flow_fact(2, FlowState::Running, FlowState::Success)}));
  CHECK(story.faulty().under_way() == 1);
  story.faulty().lose_connection();
  CHECK(story.wait(answer).error().code == StoreErrorCode::OutcomeUnknown);
  CHECK(story.load(claim).state == FlowState::Success);
}

TEST_CASE("a step can be cut: its first facts are remembered, and nobody is told", "[memory][store]") {
  FaultyStory story;
  const auto claim = story.started();
  std::size_t seen = 0;
  story.faulty().cut_steps([&](const ports::StepWrite& step) -> std::optional<std::vector<Fact>> {
    seen += step.facts.size();
    if (step.facts.size() < 2) return std::nullopt;
    return std::vector<Fact>{step.facts.front()};
  });
  story.must_append(
      story.step(claim, {atom_fact(2, 0, AtomState::Pending, AtomState::Running, 1, 1)}));  // as it is
  const auto answer =
      story.begin_append(story.step(claim, {success(3, 0, 1, 1, Value::of_number(7)),
                                            flow_fact(4, FlowState::Running, FlowState::Success)}));
  const auto snapshot = story.load(claim);
  CHECK(snapshot.atoms[0].state == AtomState::Success);
  CHECK(snapshot.state == FlowState::Running);
  CHECK_FALSE(answer.there());
  CHECK(seen == 3);
}
