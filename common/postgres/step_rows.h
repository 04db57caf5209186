#pragma once

#include <string>
#include <vector>

#include "common/postgres/parameters.h"
#include "common/postgres/work.h"

/// The rows of many steps as columns, in the order of the statements' parameters.
namespace baton::postgres {

/// Beside ChangedField's bits: a delivery or a retry began, or ended, in this step.
inline constexpr std::int64_t kStarts = 32;
inline constexpr std::int64_t kEnds = 64;

class Columns {
 public:
  explicit Columns(std::initializer_list<ElementType> types) : columns_(types.begin(), types.end()) {}
  bool empty() const { return rows_ == 0; }
  std::vector<std::string> finish();

 protected:
  template <class... Values>
  void add_row(const Values&... values) {
    std::size_t at = 0;
    (columns_[at++].add(values), ...);
    ++rows_;
  }

 private:
  std::vector<ArrayParameter> columns_;
  std::size_t rows_ = 0;
};

/// Plans and their atoms' names: two tables in one.
class PlanRows {
 public:
  void add(const ports::StepWrite&);
  bool empty() const { return plans_.empty(); }
  std::vector<std::string> finish();

 private:
  struct Plans : Columns {
    Plans() : Columns({ElementType::Uuid, ElementType::Int4, ElementType::Text}) {}
    using Columns::add_row;
  } plans_;
  struct Names : Columns {
    Names() : Columns({ElementType::Uuid, ElementType::Int4, ElementType::Text}) {}
    using Columns::add_row;
  } names_;
};

struct AtomRows : Columns {
  AtomRows();
  void add(const StepWork&);
};
struct HistoryRows : Columns {
  HistoryRows();
  void add(const ports::StepWrite&);
};
struct RangeRows : Columns {
  RangeRows();
  void add(const StepWork&);
};
struct FlowRows : Columns {
  FlowRows();
  void add(const StepWork&);
};
struct OrderRows : Columns {
  OrderRows();
  void add(const ports::StepWrite&);
};
struct HookCallRows : Columns {
  HookCallRows();
  void add(const ports::StepWrite&);
};

/// JSON, or nothing for null and for what is not there.
std::optional<std::string> json_or_null(const Value&);
std::optional<std::string> json_or_null(const Rare<Failure>&);

}  // namespace baton::postgres
