/// Loads as statements: the row lock first (it waits for an old session of ours that may still be
/// committing), everything else in statements behind it, whose snapshots are younger.
#include <map>

#include "common/postgres/atom_row.h"
#include "common/postgres/parameters.h"
#include "common/postgres/transaction.h"

namespace baton::postgres {
namespace {

using ports::FlowSnapshot;
using ports::StoreError;
using ports::StoreErrorCode;

constexpr StatementText kLock{"load_lock",
                              "select 1 from flows where id = any($1::uuid[]) order by id for no key update"};
constexpr StatementText kAtoms{"load_atoms", "select flow, " BATON_ATOM_COLUMNS
                                             " from atoms where flow = any($1::uuid[]) order by flow, atom"};
constexpr StatementText kScopes{"load_scopes",
                                "select flow, " BATON_SCOPE_COLUMNS
                                " from scopes where flow = any($1::uuid[]) order by flow, seq"};
constexpr StatementText kFlows{
    "load_flows",
    "select f.id, f.epoch_generation, f.epoch_czxid, f.state, f.run, f.last_seq, p.plan, clock_timestamp()"
    " from flows f left join plans p on p.flow = f.id where f.id = any($1::uuid[])"};

/// The parts of the snapshots, until the last statement has been read.
struct Parts {
  std::map<Uuid, std::vector<AtomRecord>> atoms;
  std::map<Uuid, std::vector<Fact>> ranges;
};

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
  snapshot.atoms = std::move(parts.atoms[work.flow.value]);
  const auto& ranges = parts.ranges[work.flow.value];
  if (!ranges_fit(ranges, snapshot.atoms.size()))
    return Fail(StoreError{StoreErrorCode::Unstorable,
                           "flow " + work.flow.value.to_string() + ": table scopes has a range beyond its " +
                               std::to_string(snapshot.atoms.size()) + " atoms; was it edited by hand?"});
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

}  // namespace

void add_loads(Transaction& transaction, std::span<LoadWork*> loads) {
  if (loads.empty()) return;
  ArrayParameter ids(ElementType::Uuid);
  for (const LoadWork* work : loads) ids.add(work->flow.value);
  const std::string flows = ids.finish();
  const auto parts = std::make_shared<Parts>();
  transaction.add(kLock, {flows});
  transaction.add(kAtoms, {flows}, [parts](const ResultSet& rows) {
    for (std::size_t row = 0; row < rows.rows(); ++row)
      parts->atoms[rows.uuid(row, 0)].push_back(read_atom(rows, row, 1));
  });
  transaction.add(kScopes, {flows}, [parts](const ResultSet& rows) {
    for (std::size_t row = 0; row < rows.rows(); ++row)
      parts->ranges[rows.uuid(row, 0)].push_back(read_range(rows, row, 1));
  });
  transaction.add(kFlows, {flows},
                  [parts, works = std::vector(loads.begin(), loads.end())](const ResultSet& rows) {
                    finish_loads(works, rows, *parts);
                  });
}

}  // namespace baton::postgres
