/// What is remembered of boards: their generations, how high they had counted, and whose turn it is to sweep
/// one (PROTOCOL.md I1, H12, H13, H17).
#include "common/postgres/parameters.h"
#include "common/postgres/queries.h"
#include "common/postgres/transaction.h"

namespace baton::postgres {
namespace {

using ports::BoardStanding;
using ports::SweepTurn;
using ports::UnfinishedPage;

constexpr StatementText kMeet{
    "meet_board",
    "select g, coalesce((select max(h.highest_zxid) from board_heights h where h.generation = g), 0),"
    " coalesce((select b.marked from board_ids b where b.id = $1::text and b.origin = $2::text), 0)"
    " from meet_board($1::text, $2::text, $3::int4) as g"};
constexpr StatementText kMark{"mark_board",
                              "update board_ids set marked = $3::int4"
                              " where id = $1::text and origin = $2::text and marked < $3::int4"};
constexpr StatementText kSweep{"take_sweep",
                               "select take_sweep($1::int4, $2::text, $3::uuid, $4::int8, $5::bool)"};
// What has not ended; and those whose next run has been asked for, as few as
// there are open orders.
constexpr StatementText kUnfinished{
    "unfinished",
    "select number, uuid, posting, board_path, flow, found, asked_run from (select p.*,"
    "  count(*) over () as found, row_number() over by_number as place,"
    "  sum($4::int8 + octet_length(p.posting::text)) over by_number as bytes"
    "  from ((select number, uuid, posting, board_path, flow, 0 as asked_run from jobs where ended_state is "
    "null"
    "    and number > $2::int8 and board_path ^@ any ($1::text[]) order by number limit $3::int8)"
    "   union all (select j.number, j.uuid, j.posting, j.board_path, j.flow, o.run from orders o"
    "   join jobs j on j.uuid = o.job and o.run = j.run + 1"
    "   where o.taken_at is null and o.kind >= 3 and j.state in (2, 3, 4, 8, 9) and j.number > $2::int8"
    "    and j.board_path ^@ any ($1::text[]) order by j.number limit $3::int8)"
    "   order by number limit $3::int8) p"
    "  window by_number as (order by p.number)) w where place = 1 or bytes <= $5::int8 order by number"};

std::string uuid_parameter(const Uuid& uuid) {
  return {reinterpret_cast<const char*>(uuid.bytes.data()), uuid.bytes.size()};
}

void read_row(const ResultSet& rows, std::size_t row, UnfinishedPage& page) {
  page.last = static_cast<std::uint64_t>(rows.number(row, 0));
  const auto asked_run = static_cast<std::uint32_t>(rows.number(row, 6));
  auto posting = Posting::parse(rows.text(row, 2));
  if (posting.ok() && asked_run > 0) posting = posting->for_run(asked_run);
  if (!posting.ok()) return page.unreadable.emplace_back(rows.text(row, 1)), void();
  page.jobs.push_back({page.last, std::move(posting).value(), std::string(rows.text(row, 3)),
                       FlowId(rows.uuid(row, 4)), asked_run > 0});
}

}  // namespace

void add_meetings(Transaction& transaction, std::span<MeetWork*> works, const std::string& origin) {
  for (MeetWork* work : works)
    transaction.add(kMeet, {work->board_id, origin, int4_parameter(static_cast<std::int32_t>(work->noted))},
                    [work](const ResultSet& rows) {
                      const BoardStanding standing{static_cast<std::uint32_t>(rows.number(0, 0)),
                                                   rows.number(0, 1),
                                                   static_cast<std::int32_t>(rows.number(0, 2))};
                      std::exchange(work->done, nullptr)(standing);
                    });
}

void add_marks(Transaction& transaction, std::span<MarkWork*> works, const std::string& origin) {
  for (MarkWork* work : works)
    transaction.add(kMark, {work->board_id, origin, int4_parameter(work->version)},
                    [work](const ResultSet&) { std::exchange(work->done, nullptr)({}); });
}

void add_sweeps(Transaction& transaction, std::span<SweepWork*> works) {
  for (SweepWork* work : works)
    transaction.add(kSweep,
                    {int4_parameter(static_cast<std::int32_t>(work->sweep.generation)), work->sweep.folder,
                     uuid_parameter(work->sweep.sweeper.value), int8_parameter(ports::kSweepLease.count()),
                     bool_parameter(work->over)},
                    [work](const ResultSet& rows) {
                      std::exchange(work->done, nullptr)(static_cast<SweepTurn>(rows.number(0, 0)));
                    });
}

void add_unfinished(Transaction& read, const std::vector<std::string>& folders, std::uint64_t after,
                    std::uint32_t limit, Done<UnfinishedPage> done) {
  read.add(kUnfinished,
           {texts_parameter(folders), int8_parameter(static_cast<std::int64_t>(after)),
            int8_parameter(std::int64_t{limit} + 1), int8_parameter(ports::kPageRowBytes),
            int8_parameter(ports::kPageBytesMax)},
           [limit, done = std::move(done)](const ResultSet& rows) {
             UnfinishedPage page;
             const std::size_t given = std::min<std::size_t>(rows.rows(), limit);
             for (std::size_t row = 0; row < given; ++row) read_row(rows, row, page);
             page.more = given > 0 && static_cast<std::size_t>(rows.number(0, 5)) > given;
             done(std::move(page));
           });
}

}  // namespace baton::postgres
