#include "tests/postgres/proxied_story.h"

using namespace baton;
using namespace baton::test;
using ports::OrderVerdict;
using ports::StoreErrorCode;

namespace {

const Order kCancel{OrderKind::Cancel, "ann@ops", "", false};

struct OrderStory : ProxiedStory {
  /// By another conductor's store.
  Answer<ports::OrderOutcome> begin_order(const std::string& job, const Order& order = kCancel) {
    return begin_order(*other, job, order);
  }
  Answer<ports::OrderOutcome> begin_order(ports::FlowStore& by, const std::string& job, const Order& order) {
    Answer<ports::OrderOutcome> answer;
    by.order({JobId(job), order, 0}, answer.done());
    return answer;
  }
  ports::OrderVerdict order(const std::string& job) {
    const auto said = wait(begin_order(job));
    INFO((said.ok() ? "" : said.error().message));
    REQUIRE(said.ok());
    return said->verdict;
  }
  bool waits_for_lock(Psql& psql, int writers = 1) {
    return psql(
               "select count(*) from pg_stat_activity where application_name = current_schema() || ' writer'"
               " and wait_event_type = 'Lock'") == std::to_string(writers);
  }

  std::unique_ptr<ports::FlowStore> other = stores.open();
};

}  // namespace

TEST_CASE("a store that has lost its connection says that orders may be missing, and hears the next one",
          "[postgres][orders]") {
  OrderStory story;
  const auto claim = story.started();
  CHECK(story.order("job-1") == OrderVerdict::Recorded);
  REQUIRE(story.stores.run_until([&] { return story.noted.orders.size() == 1; }));
  CHECK(story.noted.orders.front() == claim.flow);
  const int missed = story.noted.missed;
  story.proxy.cut();
  REQUIRE(story.stores.run_until([&] { return story.noted.missed > missed; }));
  CHECK(story.order("job-1") == OrderVerdict::Recorded);
  REQUIRE(story.stores.run_until([&] { return story.noted.orders.size() == 2; }));
}

TEST_CASE("H25: an order waits for the step under way: if that ends the flow, it is refused",
          "[postgres][orders]") {
  OrderStory story;
  story.started();
  Psql psql = story.stores.schema().psql(), watch = story.stores.schema().psql();
  psql("begin");
  psql("select 1 from flows for share");
  const auto answer = story.begin_order("job-1");
  REQUIRE(story.stores.run_until([&] { return story.waits_for_lock(watch); }));
  CHECK_FALSE(answer.there());
  psql("update flows set state = 2");
  psql("commit");
  const auto said = story.wait(answer);
  REQUIRE(said.ok());
  CHECK(said->verdict == OrderVerdict::Ended);
  CHECK(said->state == FlowState::Success);
  CHECK(psql("select count(*) from orders") == "0");
}

TEST_CASE("H25: a step that ends the flow waits for the order under way, and is refused",
          "[postgres][orders]") {
  OrderStory story;
  const auto claim = story.started();
  Psql psql = story.stores.schema().psql(), watch = story.stores.schema().psql();
  psql("begin");
  psql("select 1 from flows for no key update");
  psql("insert into orders (job, run, kind, keep, who, why) values ('job-1', 1, 2, false, 'ann', '')");
  const auto step =
      story.begin_append(story.step(claim, {success(3, 0, 1, 1, Value::of_number(7)),
                                            flow_fact(4, FlowState::Running, FlowState::Success)}));
  REQUIRE(story.stores.run_until([&] { return story.waits_for_lock(watch); }));
  psql("commit");
  CHECK(story.wait(step).error().code == StoreErrorCode::Conflict);
  CHECK(story.load(claim).orders.size() == 1);
  CHECK(story.load(claim).atoms[0].state == AtomState::Running);
}

TEST_CASE("of two runs that are asked for at once by two conductors one is begun, the other is told",
          "[postgres][orders]") {
  OrderStory story;
  const auto claim = story.started();
  story.must_append(story.step(claim, {flow_fact(4, FlowState::Running, FlowState::Failure)}));
  Psql psql = story.stores.schema().psql(), watch = story.stores.schema().psql();
  psql("begin");
  psql("select 1 from flows for no key update");
  const auto rerun =
      story.begin_order(*story.store, "job-1", {OrderKind::Rerun, "ann@ops", "cleaned up", true});
  const auto skip = story.begin_order("job-1", {OrderKind::SkipAtom, "bob@ops", "gone", false, "atom-0"});
  REQUIRE(story.stores.run_until([&] { return story.waits_for_lock(watch, 2); }));
  psql("commit");
  const auto first = story.wait(rerun), second = story.wait(skip);
  REQUIRE(first.ok());
  REQUIRE(second.ok());
  const auto& begun = first->verdict == OrderVerdict::Recorded ? *first : *second;
  const auto& refused = first->verdict == OrderVerdict::Recorded ? *second : *first;
  CHECK(begun.verdict == OrderVerdict::Recorded);
  CHECK(refused.verdict == OrderVerdict::RunAsked);
  CHECK(refused.record.order.who == begun.record.order.who);
  CHECK(psql("select count(*) from orders") == "1");
}

TEST_CASE("orders go through their indexes, also when plans were made on empty tables", "[postgres][plan]") {
  OrderStory story;
  for (int i = 0; i < 20; ++i) {
    const std::string job = "job-" + std::to_string(i);
    const auto claim = story.owned(story.request(posting(job), 100 + i, "c1"));
    story.must_append(story.first_step(claim, {flow_fact(1, FlowState::Pending, FlowState::Running)}));
    CHECK(story.order(job) == OrderVerdict::Recorded);
    auto end = story.step(claim, {flow_fact(2, FlowState::Running, FlowState::Cancelled)});
    for (const auto& order : story.load(claim).orders) end.orders.push_back({order, ""});
    story.must_append(end);
  }
  story.store.reset();  // sessions tell their statistics as they end
  story.other.reset();
  Psql psql = story.stores.schema().psql();
  REQUIRE(story.stores.run_until([&] {
    return psql("select n_tup_upd from pg_stat_user_tables where relid = 'orders'::regclass") == "20";
  }));
  CHECK(psql("select seq_tup_read from pg_stat_user_tables where relid = 'orders'::regclass") == "0");
}
