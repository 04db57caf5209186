#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "common/postgres/blocking_connection.h"
#include "common/postgres/portion.h"

namespace baton::postgres {

// What the parts of a prune share. $1: before.
#define BATON_ORDERED "exists (select from orders o where o.job = j.uuid and o.taken_at is null)"
#define BATON_TO_BE_CALLED "exists (select from hook_calls h where h.job = j.uuid and h.state = 0)"
// Never null, so that it can be negated.
#define BATON_IS_OVER                                                                           \
  "(j.finished_at is not null and j.finished_at < $1::timestamptz and j.removed_at is not null" \
  " and not " BATON_ORDERED " and not " BATON_TO_BE_CALLED ")"
// $1: how many.
#define BATON_NEXT_PRUNED "(select flow from pruned_flows order by flow limit $1::int8)"

inline std::int64_t number_of(const std::string& text) {
  return text.empty() ? 0 : std::stoll(text);
}

/// One transaction, of as much as is over in a moment.
template <class Do>
auto in_portion(Portion& portion, Do act) {
  const auto began = std::chrono::steady_clock::now();
  auto done = act(portion.now());
  portion.took(std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - began));
  return done;
}

/// Page after page, each a transaction: `sql` begins behind the first column of the page before. `of` gets
/// the one row of each page, and says whether another is wanted.
template <class Of>
void each_page(BlockingConnection& database, const std::string& before, std::int64_t most,
               const std::string& sql, Of of) {
  Portion portion(most);
  for (std::string after = "0"; !after.empty();) {
    const auto page = in_portion(portion, [&](std::int64_t some) {
      return database.rows(sql, {before, after, std::to_string(some)});
    });
    if (page.empty() || !of(page.front())) return;
    after = page.front()[0];
  }
}

}  // namespace baton::postgres
