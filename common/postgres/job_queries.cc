#include <charconv>
#include <limits>

#include "common/postgres/atom_row.h"
#include "common/postgres/order_row.h"
#include "common/postgres/parameters.h"
#include "common/postgres/queries.h"

namespace baton::postgres {
namespace {

using ports::JobDetail;
using ports::JobPage;
using ports::JobSummary;
using ports::StoreError;
using ports::StoreErrorCode;

#define BATON_SUMMARY                                                                                        \
  "select j.uuid, j.name, j.priority, j.flow, j.state, j.run, j.flow_name, j.conductor, f.epoch_generation," \
  " f.epoch_czxid, j.board_path, j.failure, j.posted_at, j.updated_at, j.finished_at,"                       \
  " coalesce(p.atoms, 0), coalesce(j.atoms_done, atoms_done(j.flow)),"                                       \
  " j.finished_at is null and has_cancel(j.uuid, j.run), coalesce(j.flow_version, 0), j.number"
#define BATON_FROM_JOBS " from jobs j join flows f on f.id = j.flow left join plans p on p.flow = j.flow "
constexpr int kCancelling = 17;
constexpr int kFlowVersion = 18;
constexpr int kNumber = 19;  // behind the summary's columns
constexpr int kFound = 20;
constexpr int kPosting = 20, kPlan = 21;

// Plans are made for each call: of the conditions those are left that say something, and the indices that fit
// them. A page of them, bounded by bytes; how many there were before that bound stands behind.
constexpr StatementText kList{
    "list",
    "select * from (select p.*, count(*) over (), row_number() over newest_first, sum($6::int8 +"
    "  coalesce(octet_length(p.failure::text), 0)) over newest_first from (" BATON_SUMMARY BATON_FROM_JOBS
    "  where (cardinality($1::int2[]) = 0 or j.ended_state = any($1::int2[])"
    "   or (j.ended_state is null and j.state = any($1::int2[])))"
    "  and ($2::text = '' or starts_with(j.name, $2::text))"
    "  and ($3::text = '' or j.flow_name = $3::text) and j.number < $4::int8"
    "  and (cardinality($8::int2[]) = 0 or j.priority = any($8::int2[]))"
    "  and ($9::text = '' or j.conductor = $9::text)"
    "  and j.posted_at >= all($10::timestamptz[]) and j.posted_at < all($11::timestamptz[])"
    "  order by j.number desc limit $5::int8) p"
    " window newest_first as (order by p.number desc)) w (uuid, name, priority, flow, state, run, flow_name,"
    "  conductor, generation, czxid, board_path, failure, posted_at, updated_at, finished_at, atoms, done,"
    "  cancelling, flow_version, number, found, place, bytes) where place = 1 or bytes <= $7::int8 order by "
    "number desc"};
constexpr StatementText kSummaries{"summaries",
                                   BATON_SUMMARY BATON_FROM_JOBS "where j.uuid = any($1::text[])"};
// The atoms of each flow at work are read once, however many of its deliveries are asked for.
constexpr StatementText kSettled{
    "settled",
    "with asked as (select * from unnest($1::int4[], $2::uuid[], $3::text[], $4::int8[])"
    "   as t(n, flow, atom, dispatch)),"
    " at_work as (select f.id from flows f join jobs j on j.uuid = f.job and j.flow = f.id"
    "   where f.id in (select flow from asked) and j.finished_at is null),"
    " known as materialized (select flow, name, dispatch, state from atoms"
    "   where flow in (select id from at_work))"
    " select a.n from asked a left join at_work w on w.id = a.flow"
    "   left join known k on k.flow = a.flow and k.name = a.atom"
    " where w.id is null or k.dispatch > a.dispatch or (k.dispatch = a.dispatch and k.state not in (1, 4))"
    " order by a.n"};
constexpr StatementText kShowJob{"show_job", BATON_SUMMARY
                                 ", j.posting, case when $2::bool then p.plan end" BATON_FROM_JOBS
                                 "where j.uuid = $1::text"};
constexpr StatementText kShowAtoms{
    "show_atoms", "select " BATON_ATOM_COLUMNS
                  ", result_left_out, revert_result_left_out, beyond"
                  " from (select (p.entry).*, p.result_left_out, p.revert_result_left_out, p.beyond from"
                  "  atoms_page((select flow from jobs where uuid = $1::text), $2::int8, $3::int8, $4::int8,"
                  "   $5::int8, $6::int8, $7::int8) p) a order by atom"};
constexpr int kResultLeftOut = kAtomIndex + 1, kRevertResultLeftOut = kAtomIndex + 2,
              kBeyond = kAtomIndex + 3;
constexpr StatementText kShowScopes{"show_scopes",
                                    "select " BATON_SCOPE_COLUMNS
                                    " from scopes where flow = (select flow from jobs where uuid ="
                                    " $1::text) order by seq"};

constexpr StatementText kMissing{"missing",
                                 "select (select max(before) from prunes)"
                                 " where not exists (select from jobs where uuid = $1::text)"};
constexpr StatementText kShowOrders{
    "show_orders", "select " BATON_ORDER_COLUMNS
                   " from orders o where o.job = $1::text and o.taken_at is null order by o.id"};

JobSummary summary_of(const ResultSet& rows, std::size_t row) {
  JobSummary job;
  job.uuid = JobId(std::string(rows.text(row, 0)));
  job.name = std::string(rows.text(row, 1));
  job.priority = static_cast<Priority>(rows.number(row, 2));
  job.flow = FlowId(rows.uuid(row, 3));
  job.state = static_cast<FlowState>(rows.number(row, 4));
  job.run = static_cast<std::uint32_t>(rows.number(row, 5));
  job.flow_name = std::string(rows.text(row, 6));
  job.conductor = std::string(rows.text(row, 7));
  job.epoch = {static_cast<std::uint32_t>(rows.number(row, 8)), rows.number(row, 9)};
  job.board_path = std::string(rows.text(row, 10));
  job.failure = read_failure(rows, row, 11);
  job.posted_at = rows.time(row, 12);
  job.updated_at = rows.time(row, 13);
  job.finished_at = rows.optional_time(row, 14);
  job.atoms = static_cast<std::uint32_t>(rows.number(row, 15));
  job.atoms_done = static_cast<std::uint32_t>(rows.number(row, 16));
  job.cancelling = rows.truth(row, kCancelling);
  job.flow_version = static_cast<std::uint32_t>(rows.number(row, kFlowVersion));
  return job;
}

void read_atoms(const ResultSet& rows, const std::vector<Fact>& ranges, JobDetail& detail) {
  detail.more = rows.rows() > 0 && rows.truth(rows.rows() - 1, kBeyond);
  const std::size_t count = rows.rows() - (detail.more ? 1 : 0);
  if (count == 0) return;
  std::vector<AtomRecord> records;
  for (std::size_t row = 0; row < count; ++row) records.push_back(read_atom(rows, row, 0));
  const auto first = static_cast<AtomIndex>(rows.number(0, kAtomIndex));
  apply_ranges(records, ranges_over(ranges, first, static_cast<AtomIndex>(count)));
  for (std::size_t row = 0; row < count; ++row)
    detail.atoms.push_back({static_cast<AtomIndex>(rows.number(row, kAtomIndex)),
                            std::string(rows.text(row, kAtomName)), std::move(records[row]),
                            rows.optional_time(row, kAtomStartedAt), rows.optional_time(row, kAtomEndedAt),
                            static_cast<std::size_t>(rows.number(row, kResultLeftOut)),
                            static_cast<std::size_t>(rows.number(row, kRevertResultLeftOut))});
}

Result<JobDetail, StoreError> detail_of(const JobId& uuid, const ResultSet& rows, const Presence& presence) {
  if (rows.rows() == 0) return Fail(no_job(uuid, presence));
  auto posting = Posting::parse(rows.text(0, kPosting));
  if (!posting.ok())
    return Fail(StoreError{StoreErrorCode::Unstorable, "the recorded posting of job " + uuid.value +
                                                           " cannot be read: " + posting.error().message});
  JobDetail detail;
  detail.summary = summary_of(rows, 0);
  detail.posting = posting.value();
  detail.plan = std::string(rows.text(0, kPlan));
  return detail;
}

}  // namespace

std::optional<std::int64_t> cursor_number(const std::string& cursor) {
  if (cursor.empty()) return std::numeric_limits<std::int64_t>::max();
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), number);
  if (problem != std::errc() || end != cursor.data() + cursor.size() || number < 0) return std::nullopt;
  return number;
}

namespace {

template <class Item>
std::string numbers_of(const std::vector<Item>& items) {
  ArrayParameter numbers(ElementType::Int2);
  for (const Item item : items) numbers.add(static_cast<std::int64_t>(item));
  return numbers.finish();
}

/// One bound or none.
std::string times_of(const std::optional<TimePoint>& bound) {
  ArrayParameter times(ElementType::Timestamp);
  if (bound) times.add(*bound);
  return times.finish();
}

}  // namespace

std::shared_ptr<const Presence> add_presence(Transaction& read, const JobId& job) {
  const auto presence = std::make_shared<Presence>();
  read.add(kMissing, {job.value}, [presence](const ResultSet& rows) {
    presence->there = rows.rows() == 0;
    if (!presence->there) presence->pruned_before = rows.optional_time(0, 0);
  });
  return presence;
}

StoreError no_job(const JobId& job, const Presence& presence) {
  const auto& before = presence.pruned_before;
  StoreError error{StoreErrorCode::NotFound, "no job " + job.value + " in Postgres"};
  if (before) error.message += "; jobs that ended before " + to_rfc3339(*before) + " have been pruned";
  error.pruned_before = before;
  return error;
}

void add_list(Transaction& read, const ports::JobFilter& filter, std::int64_t before, Done<JobPage> done) {
  const std::size_t limit = filter.limit;
  read.add(kList,
           {numbers_of(filter.states), filter.name_prefix, filter.flow_name, int8_parameter(before),
            int8_parameter(std::int64_t{filter.limit} + 1), int8_parameter(ports::kPageRowBytes),
            int8_parameter(ports::kPageBytesMax), numbers_of(filter.priorities), filter.conductor,
            times_of(filter.posted_since), times_of(filter.posted_until)},
           [limit, done = std::move(done)](const ResultSet& rows) {
             JobPage page;
             const std::size_t given = std::min(rows.rows(), limit);
             for (std::size_t row = 0; row < given; ++row) page.jobs.push_back(summary_of(rows, row));
             if (given > 0 && static_cast<std::size_t>(rows.number(0, kFound)) > given)
               page.next = std::to_string(rows.number(given - 1, kNumber));
             done(std::move(page));
           });
}

void add_settled(Transaction& read, const std::vector<ports::DeliveryRef>& asked,
                 Done<std::vector<ports::DeliveryRef>> done) {
  ArrayParameter n(ElementType::Int4), flow(ElementType::Uuid), atom(ElementType::Text),
      dispatch(ElementType::Int8);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    n.add(static_cast<std::int64_t>(i));
    flow.add(asked[i].flow.value);
    atom.add(std::string_view(asked[i].atom));
    dispatch.add(static_cast<std::int64_t>(asked[i].dispatch));
  }
  read.add(kSettled, {n.finish(), flow.finish(), atom.finish(), dispatch.finish()},
           [asked, done = std::move(done)](const ResultSet& rows) {
             std::vector<ports::DeliveryRef> settled;
             for (std::size_t row = 0; row < rows.rows(); ++row)
               settled.push_back(asked[static_cast<std::size_t>(rows.number(row, 0))]);
             done(std::move(settled));
           });
}

void add_summaries(Transaction& read, const std::vector<JobId>& jobs, Done<std::vector<JobSummary>> done) {
  ArrayParameter uuids(ElementType::Text);
  for (const JobId& job : jobs) uuids.add(std::string_view(job.value));
  read.add(kSummaries, {uuids.finish()}, [done = std::move(done)](const ResultSet& rows) {
    std::vector<JobSummary> found;
    for (std::size_t row = 0; row < rows.rows(); ++row) found.push_back(summary_of(rows, row));
    done(std::move(found));
  });
}

void add_show(Transaction& read, const JobId& job, const ports::AtomPage& page, Done<JobDetail> done) {
  const auto ranges = std::make_shared<std::vector<Fact>>();
  const auto detail = std::make_shared<std::optional<Result<JobDetail, StoreError>>>();
  const auto number = [](std::uint64_t limit) { return int8_parameter(static_cast<std::int64_t>(limit)); };
  const bool atoms = page.limit > 0;
  const auto orders = std::make_shared<std::vector<ports::OrderRecord>>();
  const auto presence = add_presence(read, job);
  read.add(kShowOrders, {job.value}, [orders](const ResultSet& rows) {
    for (std::size_t row = 0; row < rows.rows(); ++row) orders->push_back(read_order(rows, row, 0));
  });
  if (atoms)
    read.add(kShowScopes, {job.value}, [ranges](const ResultSet& rows) {
      for (std::size_t row = 0; row < rows.rows(); ++row) ranges->push_back(read_range(rows, row, 0));
    });
  read.add(kShowJob, {job.value, bool_parameter(atoms)},
           [job, page, detail, orders, presence, atoms, done](const ResultSet& rows) {
             *detail = detail_of(job, rows, *presence);
             if ((*detail)->ok()) (**detail)->orders = std::move(*orders);
             if (atoms) return;
             if ((*detail)->ok()) (**detail)->more = (**detail)->summary.atoms > page.first;
             done(std::move(**detail));
           });
  if (!atoms) return;
  read.add(kShowAtoms,
           {job.value, number(page.first), number(page.limit), number(ports::kPageRowBytes),
            number(page.value_bytes_max), number(ports::kPageBytesMax), number(ports::kPageReadBytesMax)},
           [ranges, detail, done](const ResultSet& rows) {
             if ((*detail)->ok()) read_atoms(rows, *ranges, ***detail);
             done(std::move(**detail));
           });
}

}  // namespace baton::postgres
