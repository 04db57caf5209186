#include "tests/contract/store/store_story.h"

using namespace baton;
using namespace baton::test;

TEST_CASE("steps go through the primary keys, also when their plans were made on empty tables",
          "[postgres][plan]") {
  StoreStory<PostgresStores> story;
  for (int i = 0; i < 30; ++i) {
    const auto claim = story.owned(story.request(posting("job-" + std::to_string(i)), 100 + i, "c1"));
    story.must_append(story.first_step(claim,
                                       {flow_fact(1, FlowState::Pending, FlowState::Running),
                                        atom_fact(2, 0, AtomState::Pending, AtomState::Running, 1, 1)},
                                       50));
    story.must_append(story.step(claim, {success(3, 0, 1, 1, Value::of_number(1)),
                                         flow_fact(4, FlowState::Running, FlowState::Success)}));
  }
  story.store.reset();  // its session tells its statistics as it ends
  Psql psql = story.stores.schema().psql();
  REQUIRE(story.stores.run_until([&] {
    return psql("select n_tup_upd from pg_stat_user_tables where relid = 'atoms'::regclass") == "60";
  }));
  CHECK(psql("select coalesce(string_agg(relname, ' '), '') from pg_stat_user_tables where schemaname = "
             "current_schema() and relname in ('atoms', 'flows', 'jobs', 'plans', 'scopes') and seq_scan > 0 "
             "and "
             "seq_tup_read > 0") == "");
  CHECK(psql("select n_tup_hot_upd * 100 / n_tup_upd > 50 from pg_stat_user_tables where relid = "
             "'atoms'::regclass") == "t");
}
