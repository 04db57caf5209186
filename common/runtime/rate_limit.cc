#include "common/runtime/rate_limit.h"

#include <utility>

namespace baton::runtime {

bool RateLimit::pass(Micros now) {
  if (last_ && now - *last_ < period_) {
    ++refused_;
    return false;
  }
  last_ = now;
  reported_ = std::exchange(refused_, 0);
  return true;
}

void RateLimit::write(const Log& log, LogLevel level, Micros now, std::string_view message,
                      LogFields fields) {
  if (!pass(now)) return;
  if (reported_ > 0)
    log.with({{"held_back", reported_}}).write(level, message, fields);
  else
    log.write(level, message, fields);
}

}  // namespace baton::runtime
