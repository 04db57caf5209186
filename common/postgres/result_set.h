#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/model/time.h"
#include "common/model/uuid.h"

struct pg_result;

namespace baton::postgres {

/// The rows that a statement returned, in binary format. Columns are asked for by place and by the type that
/// the statement gives them; another width asserts: statement and reader are one program.
class ResultSet {
 public:
  explicit ResultSet(pg_result*);  // takes ownership

  std::size_t rows() const;
  bool is_null(std::size_t row, int column) const;
  std::int64_t number(std::size_t row, int column) const;  // int2, int4, int8
  bool truth(std::size_t row, int column) const;
  std::string_view text(std::size_t row, int column) const;  // text, json; null: empty
  Uuid uuid(std::size_t row, int column) const;
  TimePoint time(std::size_t row, int column) const;
  std::optional<TimePoint> optional_time(std::size_t row, int column) const;

 private:
  std::string_view bytes(std::size_t row, int column) const;

  struct Clear {
    void operator()(pg_result*) const;
  };
  std::unique_ptr<pg_result, Clear> result_;
};

}  // namespace baton::postgres
