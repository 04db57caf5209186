/// What is remembered of board nodes alone: gone from the board, or never readable. And what is said of a
/// transaction itself.
#include "common/postgres/parameters.h"
#include "common/postgres/queries.h"
#include "common/postgres/transaction.h"

namespace baton::postgres {
namespace {

constexpr StatementText kUnreadable{
    "unreadable",
    "insert into trashed_nodes (board_path, why)"
    " select path, why from unnest($1::text[], $2::text[]) as t(path, why) order by path"
    " on conflict (board_path) do update set why = excluded.why, seen_at = now()"};
// Bytewise, whatever the database's collation is: pages must not depend on it.
constexpr StatementText kTrashed{
    "trashed",
    "select board_path, why, seen_at from trashed_nodes"
    " where $1::text = '' or board_path collate \"C\" < $1::text order by board_path collate \"C\" desc"
    " limit $2::int8"};
constexpr StatementText kRemoved{
    "removed",
    "with mine as (select j.uuid from unnest($1::text[], $2::int4[]) as t(uuid, run)"
    "  join jobs j on j.uuid = t.uuid and j.run = t.run where j.removed_at is null order by j.uuid for "
    "update of j)"
    " update jobs set removed_at = now() from mine where jobs.uuid = mine.uuid"};
// A page is what it looks at, however few of it nobody has noted: no read is long.
constexpr StatementText kUnnoted{
    "unnoted",
    "with looked as materialized (select uuid, run, board_path, finished_at, number,"
    "  removed_at is null and board_path ^@ any ($1::text[]) as unnoted, count(*) over () as found,"
    "  row_number() over (order by finished_at, number) as place from (select uuid, run, board_path,"
    "   finished_at, removed_at, number from jobs where finished_at is not null and (finished_at, number) > "
    "($2::timestamptz, $3::int8)"
    "   order by finished_at, number limit $4::int8) j)"
    " select uuid, run, board_path, finished_at, number, unnoted, found from looked"
    " where unnoted or place = found order by place"};
constexpr StatementText kProof{
    "proof",
    "insert into proofs (writer, at) values (current_setting('application_name'), clock_timestamp())"
    " on conflict (writer) do update set at = excluded.at"};
constexpr StatementText kNoWait{"no_wait", "select set_config('synchronous_commit', 'off', true)"};
constexpr StatementText kPatience{"patience", "select set_config('statement_timeout', $1::text, true)"};

template <class Works>
Transaction::Reader all_done(Works works) {
  return [all = std::vector(works.begin(), works.end())](const ResultSet&) {
    for (auto* work : all) std::exchange(work->done, nullptr)({});
  };
}

}  // namespace

void add_unreadable(Transaction& transaction, std::span<UnreadableWork*> works) {
  if (works.empty()) return;
  ArrayParameter path(ElementType::Text), why(ElementType::Text);
  for (const UnreadableWork* work : works) {
    path.add(std::string_view(work->board_path));
    why.add(std::string_view(work->why));
  }
  transaction.add(kUnreadable, {path.finish(), why.finish()}, all_done(works));
}

void add_removed(Transaction& transaction, std::span<RemovedWork*> works) {
  if (works.empty()) return;
  ArrayParameter uuid(ElementType::Text), run(ElementType::Int4);
  for (const RemovedWork* work : works) {
    uuid.add(std::string_view(work->job.value));
    run.add(std::int64_t{work->run});
  }
  transaction.add(kRemoved, {uuid.finish(), run.finish()}, all_done(works));
}

void add_proofs(Transaction& transaction, std::span<ProofWork*> works) {
  if (!works.empty()) transaction.add(kProof, {}, all_done(works));
}

void add_trashed(Transaction& read, const std::string& before_path, std::uint32_t limit,
                 Done<ports::TrashedPage> done) {
  read.add(kTrashed, {before_path, int8_parameter(std::int64_t{limit} + 1)},
           [limit, done = std::move(done)](const ResultSet& rows) {
             ports::TrashedPage page;
             page.more = rows.rows() > limit;
             for (std::size_t row = 0; row < std::min<std::size_t>(rows.rows(), limit); ++row)
               page.nodes.push_back(
                   {std::string(rows.text(row, 0)), std::string(rows.text(row, 1)), rows.time(row, 2)});
             done(std::move(page));
           });
}

void add_unnoted_removals(Transaction& read, const std::vector<std::string>& folders,
                          const ports::EndMark& after, std::uint32_t limit, Done<ports::UnnotedPage> done) {
  read.add(kUnnoted,
           {texts_parameter(folders), int8_parameter(to_postgres_micros(after.at)),
            int8_parameter(static_cast<std::int64_t>(after.number)), int8_parameter(limit)},
           [limit, done = std::move(done)](const ResultSet& rows) {
             ports::UnnotedPage page;
             for (std::size_t row = 0; row < rows.rows(); ++row) {
               page.last = {rows.time(row, 3), static_cast<std::uint64_t>(rows.number(row, 4))};
               page.more = rows.number(row, 6) == limit;
               if (rows.truth(row, 5))
                 page.jobs.push_back({JobId(std::string(rows.text(row, 0))),
                                      static_cast<std::uint32_t>(rows.number(row, 1)),
                                      std::string(rows.text(row, 2)), page.last});
             }
             done(std::move(page));
           });
}

void add_no_wait(Transaction& transaction) {
  transaction.add(kNoWait, {});
}

void add_patience(Transaction& transaction, Millis patience) {
  transaction.add(kPatience, {std::to_string(patience.count())});
}

}  // namespace baton::postgres
