#pragma once

#include "common/ports/order_record.h"
#include "common/postgres/result_set.h"

namespace baton::postgres {

/// A row of the table orders `o`, from its first column on.
#define BATON_ORDER_COLUMNS                                                                           \
  "o.id, o.job, o.run, o.kind, o.keep, o.who, o.why, o.ordered_at, o.taken_at, o.no_effect, o.atom, " \
  "o.result"
ports::OrderRecord read_order(const ResultSet&, std::size_t row, int first);

}  // namespace baton::postgres
