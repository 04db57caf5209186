#include "tests/contract/store/store_story.h"

using namespace baton;
using namespace baton::test;
using ports::StoreErrorCode;

namespace {

using Story = StoreStory<PostgresStores>;

ports::ClaimOutcome started(Story& story) {
  const auto claim = story.owned(story.request(posting("job-1"), 100, "c1"));
  story.must_append(story.first_step(claim, {flow_fact(1, FlowState::Pending, FlowState::Running),
                                             atom_fact(2, 0, AtomState::Pending, AtomState::Running, 1, 1)}));
  return claim;
}

/// Until so many sessions of the stores wait for a lock.
void await_lock_waits(Story& story, int sessions) {
  Psql watcher = story.stores.schema().psql();
  REQUIRE(story.stores.run_until([&] {
    return watcher(
               "select count(*) from pg_stat_activity where starts_with(application_name, current_schema())"
               " and wait_event_type = 'Lock'") == std::to_string(sessions);
  }));
}
void await_lock_wait(Story& story) {
  await_lock_waits(story, 1);
}

}  // namespace

TEST_CASE("H1: a claim waits for the old owner's write and then loads what it wrote", "[postgres][fence]") {
  Story story;
  const auto old_claim = started(story);
  Psql old_session = story.stores.schema().psql();  // the old conductor's transaction, not yet committed
  old_session("begin");
  old_session("select 1 from flows where epoch_czxid = 100 for share");
  old_session("update atoms set state = 2, seq = 3 where atom = 0");

  Answer<ports::ClaimOutcome> claim;
  story.store->claim(story.request(posting("job-1"), 101, "c2"), claim.done());
  await_lock_wait(story);
  CHECK_FALSE(claim.there());
  old_session("commit");
  const auto owned = story.wait(claim);
  REQUIRE(owned.ok());
  CHECK(story.load(owned.value()).atoms[0].state == AtomState::Success);
  CHECK(old_session("select count(*) from flows where epoch_czxid = 100") == "0");
  (void)old_claim;
}

/// The interleaving of PROTOCOL.md, with the store on both sides: a join on the epoch would lock nothing.
TEST_CASE("H1: a claim waits for a step that has passed the fence and is not committed",
          "[postgres][fence]") {
  Story story;
  const auto old_claim = started(story);
  Psql other = story.stores.schema().psql();
  other("begin");
  other("select 1 from atoms where atom = 0 for update");  // holds the step up, behind the fence
  const auto step = story.begin_append(story.step(old_claim, {success(3, 0, 1, 1, Value::of_number(1))}));
  await_lock_waits(story, 1);

  const auto other_store = story.stores.open();
  Answer<ports::ClaimOutcome> claim;
  other_store->claim(Story::request(posting("job-1"), 101, "c2"), claim.done());
  await_lock_waits(story, 2);
  CHECK_FALSE(claim.there());
  other("commit");
  CHECK(story.wait(step).ok());
  const auto owned = story.wait(claim);
  REQUIRE(owned.ok());
  Answer<ports::FlowSnapshot> loaded;
  other_store->load(owned->flow, owned->epoch, loaded.done());
  CHECK(story.wait(loaded).value().atoms[0].state == AtomState::Success);
}

TEST_CASE("H1: a stale write waits for the claim under way and is refused", "[postgres][fence]") {
  Story story;
  const auto old_claim = started(story);
  Psql claimer = story.stores.schema().psql();
  claimer("begin");
  claimer("update flows set epoch_czxid = 101");
  const auto late = story.begin_append(story.step(old_claim, {success(3, 0, 1, 1, Value::of_number(1))}));
  await_lock_wait(story);
  CHECK_FALSE(late.there());
  claimer("commit");
  CHECK(story.wait(late).error().code == StoreErrorCode::ClaimLost);
  CHECK(claimer("select state from atoms where atom = 0") == "1");
  CHECK(claimer("select count(*) from history where seq = 3") == "0");
}

TEST_CASE("H2: a load waits for what may still be committing under the same epoch", "[postgres][fence]") {
  Story story;
  const auto claim = started(story);
  Psql old_session = story.stores.schema().psql();
  old_session("begin");
  old_session("select 1 from flows for share");
  old_session("update atoms set state = 2, seq = 3 where atom = 0");
  Answer<ports::FlowSnapshot> loaded;
  story.store->load(claim.flow, claim.epoch, loaded.done());
  await_lock_wait(story);
  CHECK_FALSE(loaded.there());
  old_session("commit");
  CHECK(story.wait(loaded).value().atoms[0].state == AtomState::Success);
}

TEST_CASE("a deadlock with another conductor is tried again", "[postgres][fence]") {
  Story story;
  const auto first = story.owned(story.request(posting("job-1"), 100, "c1"));
  const auto second = story.owned(story.request(posting("job-2"), 101, "c1"));
  Psql other = story.stores.schema().psql();
  // The store locks flows in the order of ids, then their jobs; this one goes the other way round.
  const auto [low, high] = std::minmax(first.flow, second.flow);
  other("begin");
  other("select 1 from flows where id = '" + high.value.to_string() + "' for update");
  std::vector<Answer<void>> answers;
  for (const auto& claim : {first, second})
    answers.push_back(
        story.begin_append(story.first_step(claim, {flow_fact(1, FlowState::Pending, FlowState::Running)})));
  await_lock_wait(story);                 // the store has the low one and waits for the high one
  other("set deadlock_timeout = '10s'");  // the store's session shall be the one that is sacrificed
  other("select 1 from flows where id = '" + low.value.to_string() + "' for update");
  other("commit");
  for (const auto& answer : answers) CHECK(story.wait(answer).ok());
}
