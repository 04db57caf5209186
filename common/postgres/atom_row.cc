#include "common/postgres/atom_row.h"

#include <algorithm>

namespace baton::postgres {

Value read_value(const ResultSet& rows, std::size_t row, int column) {
  return rows.is_null(row, column) ? Value() : Value::from_stored(std::string(rows.text(row, column)));
}

std::optional<Failure> read_failure(const ResultSet& rows, std::size_t row, int column) {
  if (rows.is_null(row, column)) return std::nullopt;
  return Failure::from_value(read_value(rows, row, column));
}

AtomRecord read_atom(const ResultSet& rows, std::size_t row, int first) {
  AtomRecord atom;
  atom.state = static_cast<AtomState>(rows.number(row, first));
  atom.intention = static_cast<Intention>(rows.number(row, first + 1));
  atom.attempt = static_cast<Attempt>(rows.number(row, first + 2));
  atom.dispatch = static_cast<Dispatch>(rows.number(row, first + 3));
  atom.seq = static_cast<std::uint64_t>(rows.number(row, first + 4));
  if (!rows.is_null(row, first + 5)) {
    Delivery delivery;
    delivery.worker = Incarnation(rows.uuid(row, first + 5));
    delivery.worker_name = std::string(rows.text(row, first + 6));
    delivery.deliveries = static_cast<std::uint32_t>(rows.number(row, first + 7));
    delivery.start_deadline = rows.optional_time(row, first + 8);
    delivery.close_deadline = rows.optional_time(row, first + 9);
    atom.delivery = std::move(delivery);
  }
  atom.result = read_value(rows, row, first + 10);
  atom.failure = read_failure(rows, row, first + 11);
  atom.revert_result = read_value(rows, row, first + 12);
  atom.revert_failure = read_failure(rows, row, first + 13);
  if (!rows.is_null(row, first + 14)) atom.history = retry_history_from(read_value(rows, row, first + 14));
  return atom;
}

Fact read_range(const ResultSet& rows, std::size_t row, int first) {
  RangeFact range;
  range.first = static_cast<AtomIndex>(rows.number(row, first + 1));
  range.count = static_cast<AtomIndex>(rows.number(row, first + 2));
  range.intention = static_cast<Intention>(rows.number(row, first + 3));
  range.reset = rows.truth(row, first + 4);
  return {static_cast<std::uint64_t>(rows.number(row, first)), range};
}

bool ranges_fit(const std::vector<Fact>& ranges, std::size_t atoms) {
  return std::all_of(ranges.begin(), ranges.end(), [&](const Fact& fact) {
    const auto& range = std::get<RangeFact>(fact.body);
    return std::size_t{range.first} + range.count <= atoms;
  });
}

}  // namespace baton::postgres
