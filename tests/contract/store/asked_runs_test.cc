#include "tests/contract/store/order_story.h"

using namespace baton;
using namespace baton::test;
using ports::OrderVerdict;

TEMPLATE_TEST_CASE("an order that begins a run is recorded for the run behind the one that has ended",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  OrderStory<TestType> story;
  const Order rerun{OrderKind::Rerun, "ann@ops", "cleaned up", true, {}};
  const Order skip{OrderKind::SkipAtom, "ann@ops", "gone", false, "atom-1"};
  CHECK(story.order("job-1", rerun).verdict == OrderVerdict::UnknownJob);
  CHECK(story.order("job-1", rerun, 1).verdict == OrderVerdict::UnknownJob);
  const auto claim = story.running();
  CHECK(story.order("job-1", rerun).verdict == OrderVerdict::AtWork);
  story.must_append(story.step(claim, {flow_fact(2, FlowState::Running, FlowState::Failure)}));
  const auto asked = story.recorded("job-1", skip);
  CHECK(asked.run == 2);
  const auto again = story.recorded("job-1", skip);
  CHECK(again.id == asked.id);
  CHECK(again.ordered_at == asked.ordered_at);
  const auto refused = story.order("job-1", rerun);
  CHECK(refused.verdict == OrderVerdict::RunAsked);
  CHECK(refused.run == 1);
  CHECK(refused.record.id == asked.id);
  CHECK(refused.record.order.who == "ann@ops");
  CHECK(story.order("job-1", skip, 0, 2).verdict == OrderVerdict::OtherRun);
  CHECK(story.order("job-1", skip, 0, 1).record.id == asked.id);
  CHECK(story.show("job-1").summary.state == FlowState::Failure);
  const auto next = story.owned(story.request(posting("job-1", 2), 101, "c1"));
  CHECK(next.has_orders);
  const auto orders = story.load(next).orders;
  REQUIRE(orders.size() == 1);
  CHECK(orders[0].id == asked.id);
  CHECK(orders[0].order.kind == OrderKind::SkipAtom);
  CHECK(orders[0].order.atom == "atom-1");
  story.must_append(story.taking(next, orders[0], {flow_fact(3, FlowState::Pending, FlowState::Running)}));
  const auto rows = story.history_page("job-1", 0, 100).rows;
  REQUIRE(rows.size() >= 2);
  REQUIRE(rows[rows.size() - 2].order);
  CHECK(rows[rows.size() - 2].order->order.atom == "atom-1");
  CHECK(story.order("job-1", rerun).verdict == OrderVerdict::AtWork);
}

TEMPLATE_TEST_CASE("an order of a run that another has overtaken is answered: it had no effect",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  OrderStory<TestType> story;
  const auto claim = story.running();
  story.must_append(story.step(claim, {flow_fact(2, FlowState::Running, FlowState::Failure)}));
  const auto asked = story.recorded("job-1", {OrderKind::Rerun, "ann@ops", "cleaned up", true, {}});
  REQUIRE(asked.run == 2);
  const auto next = story.owned(story.request(posting("job-1", 3), 101, "c1"));
  CHECK_FALSE(next.has_orders);
  const auto all = story.all("job-1").orders;
  REQUIRE(all.size() == 1);
  CHECK(all[0].taken_at);
  CHECK(all[0].no_effect == "run 3 has begun instead");
  CHECK(story.recorded("job-1", kCancel).run == 3);
}

TEMPLATE_TEST_CASE(
    "an order of a run that the database knows nothing of is answered by the next one that it does",
    "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  OrderStory<TestType> story;
  story.recorded("job-1", kCancel, 1);  // on the board then; forgotten with all that it did
  const auto claim = story.owned(story.request(posting("job-1", 2), 101, "c1"));
  CHECK_FALSE(claim.has_orders);
  const auto all = story.all("job-1").orders;
  REQUIRE(all.size() == 1);
  CHECK(all[0].taken_at);
  CHECK(all[0].no_effect == "run 2 has begun instead");
}

TEMPLATE_TEST_CASE("an order that marks an atom as done keeps its result as it was given",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  OrderStory<TestType> story;
  const auto claim = story.running();
  story.must_append(story.step(claim, {flow_fact(2, FlowState::Running, FlowState::Reverted)}));
  Order done{OrderKind::MarkDone,
             "ann@ops",
             "by hand",
             false,
             "atom-1",
             Value::parse(R"({"id": 1.0,  "b": [true]})").value()};
  const auto asked = story.recorded("job-1", done);
  CHECK(story.recorded("job-1", done).id == asked.id);
  const std::string given(done.result.json());
  done.result = Value::of_number(2);
  CHECK(story.order("job-1", done).verdict == OrderVerdict::RunAsked);
  CHECK(story.show("job-1").orders.at(0).order.result.json() == given);
  const auto next = story.owned(story.request(posting("job-1", 2), 101, "c1"));
  const auto orders = story.load(next).orders;
  REQUIRE(orders.size() == 1);
  CHECK(orders[0].order.result.json() == given);
  story.must_append(story.taking(next, orders[0], {flow_fact(3, FlowState::Pending, FlowState::Running)}));
  const auto rows = story.history_page("job-1", 0, 100).rows;
  REQUIRE(rows.size() >= 2);
  REQUIRE(rows[rows.size() - 2].order);
  const auto& told = rows[rows.size() - 2].order->order;
  CHECK(told.result.tree() == orders[0].order.result.tree());
  CHECK(told.why == "by hand");
}

TEMPLATE_TEST_CASE(
    "H31: a run that an order has begun is listed with what has not ended, until it is claimed",
    "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  OrderStory<TestType> story;
  const auto unfinished = [&] {
    Answer<ports::UnfinishedPage> answer;
    story.store->unfinished({"/"}, 0, 10, answer.done());
    const auto page = story.wait(answer);
    INFO((page.ok() ? "" : page.error().message));
    REQUIRE(page.ok());
    return page->jobs;
  };
  const auto claim = story.running();
  story.owned(story.request(posting("job-2"), 102, "c1"));
  REQUIRE(unfinished().size() == 2);
  CHECK_FALSE(unfinished()[0].asked);
  story.must_append(story.step(claim, {flow_fact(2, FlowState::Running, FlowState::Failure)}));
  CHECK(unfinished().size() == 1);
  story.recorded("job-1", {OrderKind::Rerun, "ann@ops", "", true});
  const auto jobs = unfinished();
  REQUIRE(jobs.size() == 2);
  CHECK(jobs[0].asked);
  CHECK(jobs[0].posting.uuid == JobId("job-1"));
  CHECK(jobs[0].posting.run == 2);
  CHECK(jobs[0].flow == claim.flow);
  CHECK(jobs[1].posting.uuid == JobId("job-2"));
  story.owned(story.request(jobs[0].posting, 103, "c1"));  // its content is the same
  CHECK_FALSE(unfinished()[0].asked);
  CHECK(unfinished().size() == 2);
}
