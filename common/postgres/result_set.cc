#include "common/postgres/result_set.h"

#include <libpq-fe.h>

#include <algorithm>

#include "common/model/assert.h"
#include "common/postgres/parameters.h"

namespace baton::postgres {

void ResultSet::Clear::operator()(pg_result* result) const {
  PQclear(result);
}

ResultSet::ResultSet(pg_result* result) : result_(result) {}

std::size_t ResultSet::rows() const {
  return static_cast<std::size_t>(PQntuples(result_.get()));
}

bool ResultSet::is_null(std::size_t row, int column) const {
  return PQgetisnull(result_.get(), static_cast<int>(row), column) != 0;
}

std::string_view ResultSet::bytes(std::size_t row, int column) const {
  const int at = static_cast<int>(row);
  return {PQgetvalue(result_.get(), at, column),
          static_cast<std::size_t>(PQgetlength(result_.get(), at, column))};
}

std::int64_t ResultSet::number(std::size_t row, int column) const {
  const std::string_view big_endian = bytes(row, column);
  BATON_ASSERT(big_endian.size() == 2 || big_endian.size() == 4 || big_endian.size() == 8);
  std::uint64_t bits = (big_endian.front() & 0x80) != 0 ? ~std::uint64_t{0} : 0;  // the sign
  for (const char byte : big_endian) bits = bits << 8 | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(bits);
}

bool ResultSet::truth(std::size_t row, int column) const {
  BATON_ASSERT(bytes(row, column).size() == 1);
  return bytes(row, column).front() != 0;
}

std::string_view ResultSet::text(std::size_t row, int column) const {
  return bytes(row, column);
}

Uuid ResultSet::uuid(std::size_t row, int column) const {
  const std::string_view raw = bytes(row, column);
  Uuid uuid;
  BATON_ASSERT(raw.size() == uuid.bytes.size());
  std::transform(raw.begin(), raw.end(), uuid.bytes.begin(),
                 [](char byte) { return static_cast<std::uint8_t>(byte); });
  return uuid;
}

TimePoint ResultSet::time(std::size_t row, int column) const {
  return from_postgres_micros(number(row, column));
}

std::optional<TimePoint> ResultSet::optional_time(std::size_t row, int column) const {
  if (is_null(row, column)) return std::nullopt;
  return time(row, column);
}

}  // namespace baton::postgres
