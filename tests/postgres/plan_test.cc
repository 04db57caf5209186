#include "tests/contract/store/store_story.h"

using namespace baton;
using namespace baton::test;

TEST_CASE("ends are looked through by an index, a page of them at a time", "[postgres][plan]") {
  StoreStory<PostgresStores> story;
  Psql psql = story.stores.schema().psql();
  psql(
      "insert into jobs (uuid, flow, name, flow_name, priority, run, state, board_path, posting, content, "
      "conductor, posted_at, updated_at, finished_at, removed_at) select 'job-' || n, gen_random_uuid(), "
      "'n', "
      "'f', 2, 1, 2, '/b/jobs/' || n, '{}', '', 'c', now(), now(), now() + n * interval '1 ms', now()"
      " from generate_series(1, 20000) n");
  psql("analyze jobs");
  const auto read = [&] {
    return std::stoi(
        psql("select coalesce(sum(seq_tup_read + idx_tup_fetch), 0) from pg_stat_user_tables"
             " where relid = 'jobs'::regclass"));
  };
  const int before = read();
  Answer<ports::UnnotedPage> answer;
  story.store->unnoted_removals("/b/jobs/", {}, 100, answer.done());
  const auto page = story.wait(answer);
  REQUIRE(page.ok());
  CHECK(page->more);
  CHECK(page->jobs.empty());
  story.store.reset();  // its session tells its statistics as it ends
  REQUIRE(story.stores.run_until([&] { return read() > before; }));
  CHECK(read() - before <= 101);
}

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
