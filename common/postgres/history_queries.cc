#include <limits>

#include "common/ports/history_data.h"
#include "common/postgres/atom_row.h"
#include "common/postgres/parameters.h"
#include "common/postgres/queries.h"

namespace baton::postgres {
namespace {

using ports::HistoryRow;

#define BATON_HISTORY                                                                                       \
  "select h.id, h.at, h.run, h.seq, h.atom, a.name, h.state, h.intention, h.attempt, h.dispatch, h.worker," \
  " h.data, ra.name, rz.name"
// Of a range the first and the last atom.
#define BATON_ATOM_NAMES                                                                   \
  " left join atoms a on a.flow = h.flow and a.atom = h.atom"                              \
  " left join atoms ra on h.atom is null and h.intention is not null and ra.flow = h.flow" \
  "  and ra.atom = (h.data ->> 'first')::int"                                              \
  " left join atoms rz on h.atom is null and h.intention is not null and rz.flow = h.flow" \
  "  and rz.atom = (h.data ->> 'first')::int + (h.data ->> 'count')::int - 1 "
constexpr int kRangeFirst = 12, kRangeLast = 13;
constexpr int kJob = 14;  // behind the history's columns

constexpr int kBeyond = 15;

#define BATON_PAGE(everybody, flow)                                      \
  "(select (p.entry).*, p.beyond from history_page(" everybody ", " flow \
  ", $1::int8, $2::int8, $3::int8, $4::int8) p) h"
constexpr StatementText kHistory{"history", BATON_HISTORY ", '', h.beyond from " BATON_PAGE(
                                                "false", "(select flow from jobs where uuid = $5::text)")
                                                BATON_ATOM_NAMES "order by h.id"};
constexpr StatementText kEvents{
    "events", BATON_HISTORY ", coalesce(f.job, ''), h.beyond from " BATON_PAGE(
                  "true", "null") " left join flows f on f.id = h.flow" BATON_ATOM_NAMES "order by h.id"};
constexpr StatementText kNewest{"newest", "select coalesce(max(id), 0) from history"};

HistoryRow row_of(const ResultSet& rows, std::size_t row) {
  HistoryRow entry;
  entry.id = static_cast<std::uint64_t>(rows.number(row, 0));
  entry.at = rows.time(row, 1);
  entry.run = static_cast<std::uint32_t>(rows.number(row, 2));
  entry.seq = static_cast<std::uint64_t>(rows.number(row, 3));
  entry.atom = std::string(rows.text(row, 5));
  const bool of_atom = !rows.is_null(row, 4), of_range = !of_atom && !rows.is_null(row, 7);
  if (!rows.is_null(row, 6) && !of_range) {
    const std::int64_t state = rows.number(row, 6);
    entry.state =
        of_atom ? to_string(static_cast<AtomState>(state)) : to_string(static_cast<FlowState>(state));
  }
  if (!rows.is_null(row, 7)) entry.intention = to_string(static_cast<Intention>(rows.number(row, 7)));
  entry.attempt = static_cast<Attempt>(rows.number(row, 8));
  entry.dispatch = static_cast<Dispatch>(rows.number(row, 9));
  entry.worker = std::string(rows.text(row, 10));
  Value data = read_value(rows, row, 11);
  if (const auto range = of_range ? ports::kept_range(data) : std::nullopt)
    entry.range = {std::string(rows.text(row, kRangeFirst)), std::string(rows.text(row, kRangeLast)),
                   range->atoms, range->reset};
  else if (auto claim = entry.seq == 0 ? ports::kept_claim(data) : std::nullopt)
    entry.claim = std::move(claim);
  else if (auto order = entry.seq == 0 ? ports::kept_order(data) : std::nullopt)
    entry.order = std::move(order);
  else
    entry.data = std::move(data);
  return entry;
}

std::string id_parameter(std::uint64_t id) {
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  return int8_parameter(id > std::uint64_t{kMax} ? kMax : static_cast<std::int64_t>(id));
}

std::vector<std::optional<std::string>> page_parameters(std::uint64_t after_id, std::uint32_t limit) {
  return {id_parameter(after_id), int8_parameter(limit), int8_parameter(ports::kPageRowBytes),
          int8_parameter(ports::kPageBytesMax)};
}

/// The rows of the page, without the one that says that there are more.
std::size_t rows_of(const ResultSet& rows, bool& more) {
  const std::size_t count = rows.rows();
  more = count > 0 && rows.truth(count - 1, kBeyond);
  return more ? count - 1 : count;
}

}  // namespace

void add_history(Transaction& read, const JobId& job, std::uint64_t after_id, std::uint32_t limit,
                 Done<ports::HistoryPage> done) {
  const auto presence = add_presence(read, job);
  auto parameters = page_parameters(after_id, limit);
  parameters.emplace_back(job.value);
  read.add(kHistory, std::move(parameters), [job, presence, done = std::move(done)](const ResultSet& rows) {
    if (!presence->there) return done(Fail(no_job(job, *presence)));
    ports::HistoryPage page;
    const std::size_t count = rows_of(rows, page.more);
    for (std::size_t row = 0; row < count; ++row) page.rows.push_back(row_of(rows, row));
    done(std::move(page));
  });
}

void add_events(Transaction& read, std::uint64_t after_id, std::uint32_t limit, Done<ports::EventPage> done) {
  const auto newest = std::make_shared<std::uint64_t>(0);
  read.add(kNewest, {},
           [newest](const ResultSet& rows) { *newest = static_cast<std::uint64_t>(rows.number(0, 0)); });
  read.add(kEvents, page_parameters(after_id, limit),
           [newest, done = std::move(done)](const ResultSet& rows) {
             ports::EventPage page;
             const std::size_t count = rows_of(rows, page.more);
             for (std::size_t row = 0; row < count; ++row)
               page.rows.push_back({JobId(std::string(rows.text(row, kJob))), row_of(rows, row)});
             page.last_id = page.rows.empty() ? *newest : page.rows.back().row.id;
             done(std::move(page));
           });
}

}  // namespace baton::postgres
