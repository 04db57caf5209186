#include "tests/contract/store/order_story.h"

using namespace baton;
using namespace baton::test;
using ports::OrderVerdict;
using ports::StoreErrorCode;

namespace {

const Order kSuspend{OrderKind::Suspend, "bob@ops", "maintenance", false};

struct Heard final : ports::FlowStore::Listener {
  void on_reachable(bool) override {}
  void on_another_database(const std::string&) override {}
  void on_order(const FlowId& flow) override { flows.push_back(flow); }
  void on_orders_missed() override { ++missed; }
  std::vector<FlowId> flows;
  int missed = 0;
};

}  // namespace

TEMPLATE_TEST_CASE("an order is on record when it is acknowledged, and comes with a load",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  OrderStory<TestType> story;
  const auto claim = story.running();
  const auto first = story.recorded("job-1", kSuspend);
  const auto second = story.recorded("job-1", kCancel);
  CHECK(first.id < second.id);
  CHECK(second.run == 1);
  CHECK(second.ordered_at > TimePoint{});
  const auto orders = story.load(claim).orders;
  REQUIRE(orders.size() == 2);
  CHECK(orders[0].id == first.id);
  CHECK(orders[0].order.kind == OrderKind::Suspend);
  CHECK(orders[0].order.who == "bob@ops");
  CHECK(orders[1].order.why == kCancel.why);
  CHECK(orders[1].order.keep);
  CHECK_FALSE(orders[1].taken_at);
  const auto open = story.open({claim.flow});
  REQUIRE(open.size() == 2);
  CHECK(open[1].flow == claim.flow);
  CHECK(open[1].record.id == second.id);
  CHECK(open[1].record.order.why == kCancel.why);
  CHECK(story.open({FlowId(test_uuid(9, 'x'))}).empty());
  CHECK(story.show("job-1").orders.size() == 2);
}

TEMPLATE_TEST_CASE("an order of a job that nobody has claimed waits for its claim", "[contract][store]",
                   MemoryStores, PostgresStores, SqliteStores) {
  OrderStory<TestType> story;
  CHECK(story.order("job-1", kCancel).verdict == OrderVerdict::UnknownJob);
  story.recorded("job-1", kCancel, 1);
  CHECK(story.all("job-1").orders.size() == 1);
  const auto claim = story.owned(story.request(posting("job-1"), 100, "c1"));
  CHECK(claim.has_orders);
  CHECK(story.load(claim).orders.size() == 1);
  CHECK(story.show("job-1").summary.cancelling);
  CHECK_FALSE(story.owned(story.request(posting("job-2"), 101, "c1")).has_orders);
}

TEMPLATE_TEST_CASE("a dry run of an order is judged as the order, and leaves nothing behind",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  OrderStory<TestType> story;
  const auto dry = [&](const std::string& job, const Order& order, std::uint32_t run_on_board = 0,
                       std::uint32_t last_run = 0) {
    Answer<ports::OrderOutcome> answer;
    story.store->order({JobId(job), order, run_on_board, last_run, true}, answer.done());
    const auto outcome = story.wait(answer);
    REQUIRE(outcome.ok());
    return *outcome;
  };
  const Order rerun{OrderKind::Rerun, "ann@ops", "", true};
  CHECK(dry("job-1", kCancel).verdict == OrderVerdict::UnknownJob);
  CHECK(dry("job-1", kCancel, 1).verdict == OrderVerdict::Recorded);
  const auto claim = story.running();
  const auto fits = dry("job-1", kCancel);
  CHECK(fits.verdict == OrderVerdict::Recorded);
  CHECK(fits.record.id == 0);
  CHECK(fits.record.run == 1);
  CHECK(fits.record.order.why == kCancel.why);
  CHECK(dry("job-1", rerun).verdict == OrderVerdict::AtWork);
  CHECK(story.all("job-1").orders.empty());
  CHECK(story.load(claim).orders.empty());
  CHECK_FALSE(story.show("job-1").summary.cancelling);
  for (std::size_t i = 0; i < kOrdersOpenMax; ++i) story.recorded("job-1", kSuspend);
  CHECK(dry("job-1", kCancel).verdict == OrderVerdict::TooMany);
  const auto other = story.owned(story.request(posting("job-2"), 101, "c1"));
  story.must_append(story.first_step(other, {flow_fact(1, FlowState::Pending, FlowState::Running)}));
  story.must_append(story.step(other, {flow_fact(2, FlowState::Running, FlowState::Failure)}));
  CHECK(dry("job-2", kCancel).verdict == OrderVerdict::Ended);
  CHECK(dry("job-2", rerun, 0, 7).verdict == OrderVerdict::OtherRun);
  CHECK(dry("job-2", rerun).record.run == 2);
  CHECK(story.all("job-2").orders.empty());
  story.recorded("job-2", rerun);
  CHECK(dry("job-2", {OrderKind::Rerun, "bob", "", false}).verdict == OrderVerdict::RunAsked);
  CHECK(story.all("job-2").orders.size() == 1);
}

TEMPLATE_TEST_CASE("a run that has ended takes no order, a later one on the board does", "[contract][store]",
                   MemoryStores, PostgresStores, SqliteStores) {
  OrderStory<TestType> story;
  const auto claim = story.running();
  story.must_append(story.step(claim, {flow_fact(2, FlowState::Running, FlowState::Success)}));
  const auto refused = story.order("job-1", kCancel);
  CHECK(refused.verdict == OrderVerdict::Ended);
  CHECK(refused.state == FlowState::Success);
  CHECK(refused.run == 1);
  CHECK(story.order("job-1", kCancel, 1).verdict == OrderVerdict::Ended);
  CHECK(story.all("job-1").orders.empty());
  CHECK(story.recorded("job-1", kCancel, 2).run == 2);
  CHECK_FALSE(story.show("job-1").summary.cancelling);
  const auto rerun = story.owned(story.request(posting("job-1", 2), 101, "c1"));
  CHECK(rerun.has_orders);
  CHECK(story.load(rerun).orders.size() == 1);
}

TEMPLATE_TEST_CASE("a step takes an order once, and the history says who asked", "[contract][store]",
                   MemoryStores, PostgresStores, SqliteStores) {
  OrderStory<TestType> story;
  const auto claim = story.running();
  const auto suspend = story.recorded("job-1", kSuspend);
  story.must_append(story.taking(claim, suspend, {flow_fact(2, FlowState::Running, FlowState::Suspending)}));
  CHECK(story.refused(story.taking(claim, suspend)) == StoreErrorCode::Conflict);
  CHECK(story.open({claim.flow}).empty());
  CHECK(story.load(claim).orders.empty());
  const auto all = story.all("job-1").orders;
  REQUIRE(all.size() == 1);
  CHECK(all[0].taken_at);
  CHECK(all[0].no_effect.empty());
  const auto rows = story.history_page("job-1", 0, 100).rows;
  REQUIRE(rows.size() == 4);  // claim, RUNNING, the order, SUSPENDING
  REQUIRE(rows[2].order);
  CHECK(rows[2].order->id == suspend.id);
  CHECK(rows[2].order->order.kind == OrderKind::Suspend);
  CHECK(rows[2].order->order.who == "bob@ops");
  CHECK(rows[2].order->order.why == "maintenance");
  CHECK(rows[2].state.empty());
  CHECK(rows[3].state == "SUSPENDING");
}

TEMPLATE_TEST_CASE("a cancel that was carried out stays in force until the run has ended",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  OrderStory<TestType> story;
  const auto claim = story.running();
  const auto cancel = story.recorded("job-1", kCancel);
  story.must_append(story.taking(claim, cancel));
  const auto again = story.recorded("job-1", kCancel);
  story.must_append(story.taking(claim, again, {}, "the flow is being cancelled"));
  const auto next = story.owned(story.request(posting("job-1"), 101, "c2"));
  CHECK(next.has_orders);
  const auto orders = story.load(next).orders;
  REQUIRE(orders.size() == 1);
  CHECK(orders[0].id == cancel.id);
  CHECK(orders[0].taken_at);
  CHECK(story.show("job-1").summary.cancelling);
  CHECK(story.all("job-1").orders.at(0).no_effect == "the flow is being cancelled");
  story.must_append(story.step(next, {flow_fact(2, FlowState::Running, FlowState::Cancelled)}));
  CHECK_FALSE(story.show("job-1").summary.cancelling);
  CHECK_FALSE(story.list({}).jobs.at(0).cancelling);
}

TEMPLATE_TEST_CASE("a step that ends the flow is refused while an order is open that it has not taken",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  OrderStory<TestType> story;
  const auto claim = story.running();
  const auto cancel = story.recorded("job-1", kCancel);
  const auto end = flow_fact(2, FlowState::Running, FlowState::Success);
  CHECK(story.refused(story.step(claim, {end})) == StoreErrorCode::Conflict);
  CHECK(story.show("job-1").summary.state == FlowState::Running);
  CHECK(story.list({}).jobs.at(0).cancelling);
  story.must_append(story.taking(claim, cancel, {flow_fact(2, FlowState::Running, FlowState::Cancelled)}));
  CHECK(story.show("job-1").summary.state == FlowState::Cancelled);
}

TEMPLATE_TEST_CASE("who was fenced takes no order", "[contract][store]", MemoryStores, PostgresStores,
                   SqliteStores) {
  OrderStory<TestType> story;
  const auto claim = story.running();
  const auto cancel = story.recorded("job-1", kCancel);
  const auto next = story.owned(story.request(posting("job-1"), 101, "c2"));
  CHECK(story.refused(story.taking(claim, cancel)) == StoreErrorCode::ClaimLost);
  CHECK(story.open({claim.flow}).size() == 1);
  story.must_append(story.taking(next, cancel));
}

TEMPLATE_TEST_CASE("orders that are open are bounded", "[contract][store]", MemoryStores, PostgresStores,
                   SqliteStores) {
  OrderStory<TestType> story;
  const auto claim = story.running();
  const auto first = story.recorded("job-1", kSuspend);
  for (std::size_t i = 1; i < kOrdersOpenMax; ++i) story.recorded("job-1", kSuspend);
  CHECK(story.order("job-1", kSuspend).verdict == OrderVerdict::TooMany);
  story.must_append(story.taking(claim, first));
  story.recorded("job-1", kSuspend);
  const auto page = story.all("job-1", 3);
  CHECK(page.orders.size() == 3);
  CHECK(page.more);
  CHECK(page.orders[0].id > page.orders[1].id);
  Answer<ports::OrderPage> unknown;
  story.store->orders(JobId("job-9"), 3, unknown.done());
  CHECK(story.wait(unknown).error().code == StoreErrorCode::NotFound);
}

TEMPLATE_TEST_CASE("a job that is refused leaves no order open", "[contract][store]", MemoryStores,
                   PostgresStores, SqliteStores) {
  OrderStory<TestType> story;
  story.recorded("job-1", kCancel, 1);
  Answer<void> refused;
  story.store->record_refused(story.request(posting("job-1"), 100, "c1"),
                              {FlowState::Rejected, Failure::make("BadParameters", "no such parameter")},
                              refused.done());
  REQUIRE(story.wait(refused).ok());
  const auto all = story.all("job-1").orders;
  REQUIRE(all.size() == 1);
  CHECK(all[0].taken_at);
  CHECK(all[0].no_effect == "the job is REJECTED");
}

TEMPLATE_TEST_CASE("every store hears of an order, behind the claim that had not seen it",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  OrderStory<TestType> story;
  Heard heard;
  auto listening = story.stores.open();
  listening->listen(heard);
  // Its session stands, and listens, before it has answered.
  Answer<ports::ClaimOutcome> claimed;
  listening->claim(story.request(posting("job-1"), 100, "c1"), claimed.done());
  const auto claim = story.wait(claimed);
  REQUIRE(claim.ok());
  CHECK(heard.flows.empty());
  story.recorded("job-1", kCancel);
  REQUIRE(story.stores.run_until([&] { return !heard.flows.empty(); }));
  CHECK(heard.flows == std::vector<FlowId>{claim->flow});
  listening.reset();
}

TEMPLATE_TEST_CASE("orders and claims of one new job do not pass each other", "[contract][store]",
                   MemoryStores, PostgresStores, SqliteStores) {
  OrderStory<TestType> story;
  auto other = story.stores.open();
  for (int i = 0; i < 30; ++i) {
    const std::string job = "job-" + std::to_string(i);
    Answer<ports::ClaimOutcome> claimed;
    Answer<ports::OrderOutcome> ordered;
    story.store->claim(story.request(posting(job), 100 + i, "c1"), claimed.done());
    other->order({JobId(job), kCancel, 1}, ordered.done());
    const auto claim = story.wait(claimed);
    const auto order = story.wait(ordered);
    REQUIRE(claim.ok());
    REQUIRE(order.ok());
    CHECK(order->verdict == OrderVerdict::Recorded);
    story.must_append(story.first_step(*claim, {flow_fact(1, FlowState::Pending, FlowState::Running)}));
    CHECK(story.refused(story.step(*claim, {flow_fact(2, FlowState::Running, FlowState::Success)})) ==
          StoreErrorCode::Conflict);
  }
}
