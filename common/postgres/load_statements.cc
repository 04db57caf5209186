/// Loads as statements: the row lock first (it waits for an old session of ours that may still be
/// committing), everything else in statements behind it, whose snapshots are younger. Before them, in a
/// transaction of its own, what a load will bring is weighed: loads that share a transaction are bounded by
/// bytes (work_queue.h), not only by number.
#include <map>

#include "common/postgres/atom_row.h"
#include "common/postgres/order_row.h"
#include "common/postgres/parameters.h"
#include "common/postgres/transaction.h"
#include "common/postgres/work_queue.h"

namespace baton::postgres {
namespace {

using ports::FlowSnapshot;
using ports::StoreError;
using ports::StoreErrorCode;

constexpr StatementText kLock{"load_lock",
                              "select 1 from flows where id = any($1::uuid[]) order by id for no key update"};
// No order asked for: a sort would keep the first row back until the last one is read.
constexpr StatementText kAtoms{"load_atoms",
                               "select flow, " BATON_ATOM_COLUMNS " from atoms where flow = any($1::uuid[])"};
constexpr StatementText kScopes{"load_scopes",
                                "select flow, " BATON_SCOPE_COLUMNS
                                " from scopes where flow = any($1::uuid[]) order by flow, seq"};
// Few: a run has one cancel that was carried out, and a bound on what is open.
constexpr StatementText kOrders{
    "load_orders", "select f.id, " BATON_ORDER_COLUMNS
                   " from flows f join orders o on o.job = f.job and o.run = f.run"
                   " where f.id = any($1::uuid[])"
                   "  and (o.taken_at is null or (o.kind = 2 and o.no_effect = '')) order by o.id"};
constexpr StatementText kFlows{
    "load_flows",
    "select f.id, f.epoch_generation, f.epoch_czxid, f.state, f.run, f.last_seq, p.plan, clock_timestamp(),"
    " coalesce(p.atoms, 0)"
    " from flows f left join plans p on p.flow = f.id where f.id = any($1::uuid[])"};

// An upper bound without reading what is large: neither pglz nor lz4 makes a 256th of anything. More atoms
// than $2 are not even counted: such a flow is loaded alone. $3: a row's share, $4: what is alone.
#define BATON_WEIGHT(column)                                                             \
  "coalesce(pg_column_size(" column ")::int8 * (case when pg_column_compression(" column \
  ") is null then 1 else 256 end), 0)"
constexpr StatementText kWeigh{
    "weigh",
    "select f.id, case when p.atoms > $2::int8 then $4::int8 else coalesce(octet_length(p.plan), 0)"
    " + $3::int8 * (select count(*) from scopes s where s.flow = f.id)"
    " + (select coalesce(sum($3::int8 + " BATON_WEIGHT("result") " + " BATON_WEIGHT("failure") " + " BATON_WEIGHT(
        "revert_result") " + " BATON_WEIGHT("revert_failure") " + " BATON_WEIGHT("retry_history") ")::int8, 0)"
    "    from atoms a where a.flow = f.id) end"
    " from flows f left join plans p on p.flow = f.id where f.id = any($1::uuid[])"};
constexpr std::int64_t kAtomsWeighedMax = 2'000;

/// The parts of the snapshots, until the last statement has been read.
struct Parts {
  struct Atoms {
    std::vector<AtomRecord> records;  // by index
    std::size_t rows = 0;
  };
  std::map<Uuid, Atoms> atoms;
  std::map<Uuid, std::vector<Fact>> ranges;
  std::map<Uuid, std::vector<ports::OrderRecord>> orders;
};

StoreError damaged(const LoadWork& work, const std::string& what) {
  return {StoreErrorCode::Unstorable,
          "flow " + work.flow.value.to_string() + ": " + what + "; was it edited by hand?"};
}

Result<FlowSnapshot, StoreError> snapshot(const LoadWork& work, const ResultSet& flows, std::size_t row,
                                          Parts& parts) {
  FlowSnapshot snapshot;
  snapshot.flow = work.flow;
  snapshot.epoch = {static_cast<std::uint32_t>(flows.number(row, 1)), flows.number(row, 2)};
  if (snapshot.epoch != work.epoch)
    return Fail(StoreError{StoreErrorCode::ClaimLost,
                           "flow " + work.flow.value.to_string() + " has been claimed by another conductor"});
  snapshot.state = static_cast<FlowState>(flows.number(row, 3));
  snapshot.run = static_cast<std::uint32_t>(flows.number(row, 4));
  snapshot.last_seq = static_cast<std::uint64_t>(flows.number(row, 5));
  snapshot.plan = std::string(flows.text(row, 6));
  snapshot.now = flows.time(row, 7);
  snapshot.orders = std::move(parts.orders[work.flow.value]);
  auto& atoms = parts.atoms[work.flow.value];
  const auto wanted = static_cast<std::size_t>(flows.number(row, 8));
  if (atoms.rows != wanted || atoms.records.size() != wanted)
    return Fail(damaged(work, "table atoms has " + std::to_string(atoms.rows) + " rows of its " +
                                  std::to_string(wanted) + " atoms"));
  snapshot.atoms = std::move(atoms.records);
  const auto& ranges = parts.ranges[work.flow.value];
  if (!ranges_fit(ranges, snapshot.atoms.size()))
    return Fail(damaged(
        work, "table scopes has a range beyond its " + std::to_string(snapshot.atoms.size()) + " atoms"));
  for (const AtomRecord& atom : snapshot.atoms) snapshot.last_seq = std::max(snapshot.last_seq, atom.seq);
  for (const Fact& range : ranges) snapshot.last_seq = std::max(snapshot.last_seq, range.seq);
  apply_ranges(snapshot.atoms, ranges);
  return snapshot;
}

void finish_loads(const std::vector<LoadWork*>& loads, const ResultSet& flows, Parts& parts) {
  std::map<Uuid, std::size_t> row_of;
  for (std::size_t row = 0; row < flows.rows(); ++row) row_of[flows.uuid(row, 0)] = row;
  for (LoadWork* work : loads) {
    const auto found = row_of.find(work->flow.value);
    auto done = std::exchange(work->done, nullptr);
    if (found == row_of.end())
      done(Fail(
          StoreError{StoreErrorCode::NotFound, "no flow " + work->flow.value.to_string() + " in Postgres"}));
    else
      done(snapshot(*work, flows, found->second, parts));
  }
}

void keep_atom(Parts& parts, const ResultSet& rows, std::size_t row) {
  Parts::Atoms& atoms = parts.atoms[rows.uuid(row, 0)];
  const auto index = static_cast<std::size_t>(rows.number(row, 1 + kAtomIndex));
  if (index >= atoms.records.size()) atoms.records.resize(index + 1);
  atoms.records[index] = read_atom(rows, row, 1);
  ++atoms.rows;
}

std::string ids_of(const std::vector<LoadWork*>& loads) {
  ArrayParameter ids(ElementType::Uuid);
  for (const LoadWork* work : loads) ids.add(work->flow.value);
  return ids.finish();
}

void add_weighing(Transaction& transaction, const std::vector<LoadWork*>& loads) {
  if (loads.empty()) return;
  transaction.add(kWeigh,
                  {ids_of(loads), int8_parameter(kAtomsWeighedMax), int8_parameter(kRowBytes),
                   int8_parameter(kBytesPerCommitMax)},
                  [loads](const ResultSet& rows) {
                    std::map<Uuid, std::size_t> bytes;
                    for (std::size_t row = 0; row < rows.rows(); ++row)
                      bytes[rows.uuid(row, 0)] = static_cast<std::size_t>(rows.number(row, 1));
                    for (LoadWork* work : loads) work->bytes = kRowBytes + bytes[work->flow.value];
                  });
}

void add_weighed(Transaction& transaction, const std::vector<LoadWork*>& loads) {
  if (loads.empty()) return;
  const std::string flows = ids_of(loads);
  const auto parts = std::make_shared<Parts>();
  transaction.add(kLock, {flows});
  transaction.add(kAtoms, {flows}, [parts](const ResultSet& rows) {
    for (std::size_t row = 0; row < rows.rows(); ++row) keep_atom(*parts, rows, row);
  });
  transaction.add(kScopes, {flows}, [parts](const ResultSet& rows) {
    for (std::size_t row = 0; row < rows.rows(); ++row)
      parts->ranges[rows.uuid(row, 0)].push_back(read_range(rows, row, 1));
  });
  transaction.add(kOrders, {flows}, [parts](const ResultSet& rows) {
    for (std::size_t row = 0; row < rows.rows(); ++row)
      parts->orders[rows.uuid(row, 0)].push_back(read_order(rows, row, 1));
  });
  transaction.add(kFlows, {flows},
                  [parts, loads](const ResultSet& rows) { finish_loads(loads, rows, *parts); });
}

}  // namespace

void add_loads(Transaction& transaction, std::span<LoadWork*> loads) {
  std::vector<LoadWork*> weighed, others;
  for (LoadWork* work : loads) (work->bytes ? weighed : others).push_back(work);
  add_weighing(transaction, others);
  add_weighed(transaction, weighed);
}

}  // namespace baton::postgres
