#include "common/postgres/prune_weeks.h"

namespace baton::postgres {
namespace {

// Detached ones too: a prune was ended before it could drop them.
constexpr const char* kPartitions =
    "select c.relname, case when c.reltuples >= 0 then c.reltuples::int8 else -1 end,"
    "  pg_total_relation_size(c.oid), exists (select from pg_inherits i where i.inhrelid = c.oid)"
    " from pg_class c where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r'"
    "  and c.relname ~ '^history_[0-9]{8}$'"
    "  and to_date(right(c.relname, 8), 'YYYYMMDD')::timestamp at time zone 'UTC' + interval '7 days'"
    "   <= $1::timestamptz order by c.relname";
constexpr const char* kNoted =
    "select name from pruned_weeks where to_regclass(quote_ident(name)) is not null";

}  // namespace

PruneWeeks::PruneWeeks(BlockingConnection& database, std::string before, const PruneRequest& request)
    : database_(database), before_(std::move(before)), dry_run_(request.dry_run) {
  for (const auto& row : database_.rows(kNoted)) noted_[row[0]] = 0;
}

void PruneWeeks::remove_of_pruned(std::int64_t flows) {
  for (auto& [part, count] : noted_) {
    auto& removed = count;  // clang 14 lets no lambda have a part of a binding
    const std::string statement =
        "with d as (delete from only " + part + " where ctid = any(array(select h.ctid from only " + part +
        " h where h.flow in " BATON_NEXT_PRUNED " limit $2::int8)) returning 1) select count(*) from d";
    for (bool full = true; full;)
      full = in_portion(rows_, [&](std::int64_t most) {
        const auto gone = number_of(database_.run(statement, {std::to_string(flows), std::to_string(most)}));
        removed += gone;
        return gone == most;
      });
  }
}

std::vector<PrunedPartition> PruneWeeks::look() {
  std::vector<PrunedPartition> parts;
  for (const auto& row : database_.rows(kPartitions, {before_})) {
    parts.push_back(look_at(row));
    if (database_.problem()) return parts;
  }
  return parts;
}

PrunedPartition PruneWeeks::look_at(const BlockingConnection::Row& row) {
  const bool attached = row[3] == "t";
  PrunedPartition part{row[0], number_of(row[1]), number_of(row[2]), {}, 0, false};
  if (part.rows < 0)
    part.rows = number_of(database_.run("select count(*) from (select from only " + part.name + " limit " +
                                        std::to_string(kPruneCountMax) + ") few"));
  if (attached) part.kept_for = who_keeps(part.name);
  if (!part.kept_for.empty())
    part.pruned_rows = clean(part.name);
  else if (!dry_run_)
    part.busy = !drop(part.name, attached);
  return part;
}

/// A job that stays and has rows there. A flow that is gone never comes back, and no row comes to a week that
/// is over: what is found to be free stays free.
std::string PruneWeeks::who_keeps(const std::string& part) {
  const std::string stays = dry_run_ ? "not " BATON_IS_OVER : "$1::timestamptz is not null";
  const std::string look =
      "select max(number), (array_agg(uuid) filter (where exists (select from only " + part +
      " h where h.flow = j.flow)))[1] from (select uuid, flow, number from jobs j where j.number > $2::int8"
      " and " +
      stays + " order by number limit $3::int8) j";
  std::string keeper;
  each_page(database_, before_, kPruneLookMax, look, [&](const BlockingConnection::Row& page) {
    keeper = page[1];
    return keeper.empty();
  });
  return keeper;
}

std::int64_t PruneWeeks::clean(const std::string& part) {
  const auto noted = noted_.find(part);
  if (noted != noted_.end()) return dry_run_ ? count_of_over(part) : noted->second;
  const auto removed = walk_through(part);
  if (!dry_run_) database_.run("insert into pruned_weeks (name) values ($1) on conflict do nothing", {part});
  return removed;
}

std::int64_t PruneWeeks::count_of_over(const std::string& part) {
  const std::string look =
      "select max(number), coalesce(sum((select count(*) from only " + part +
      " h where h.flow = j.flow)) filter (where over), 0) from (select number, flow, " BATON_IS_OVER
      " as over from jobs j where j.number > $2::int8 order by number limit $3::int8) j";
  std::int64_t rows = 0;
  each_page(database_, before_, kPruneLookMax, look, [&](const BlockingConnection::Row& page) {
    rows += number_of(page[1]);
    return true;
  });
  return rows;
}

/// Rows of jobs that are gone, or would be; how many.
std::int64_t PruneWeeks::walk_through(const std::string& part) {
  const std::string slice =
      "with slice as (select id, flow from only " + part +
      " where $1::timestamptz is not null and id > $2::int8 order by id limit $3::int8)";
  const std::string gone = " where not exists (select from flows f where f.id = s.flow)";
  const std::string counted =
      " where not exists (select from flows f join jobs j on j.uuid = f.job where f.id = s.flow"
      " and not " BATON_IS_OVER ")";
  const std::string statement =
      dry_run_ ? slice + " select (select max(id) from slice), (select count(*) from slice s" + counted + ")"
               : slice + ", d as (delete from only " + part + " where id in (select s.id from slice s" +
                     gone + ") returning 1) select (select max(id) from slice), (select count(*) from d)";
  std::int64_t rows = 0;
  each_page(database_, before_, kPruneRowsPerCommitMax, statement, [&](const BlockingConnection::Row& page) {
    rows += number_of(page[1]);
    return true;
  });
  return rows;
}

bool PruneWeeks::drop(const std::string& part, bool attached) {
  if (!database_.until_free([&] { return try_to_drop(part, attached); })) return false;
  database_.run("delete from pruned_weeks where name = $1", {part});
  return true;
}

/// To be detached it needs a moment in which nobody is in the history, to be dropped one in which nobody is
/// in itself.
bool PruneWeeks::try_to_drop(const std::string& part, bool& attached) {
  if (attached) attached = !database_.run_unless_locked("alter table history detach partition " + part);
  return !attached && database_.run_unless_locked("drop table " + part);
}

}  // namespace baton::postgres
