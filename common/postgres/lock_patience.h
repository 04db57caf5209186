#pragma once

#include "common/model/time.h"

namespace baton::postgres {

/// How a command waits for a lock that daemons at work use: whoever comes behind a waiting one waits, too,
/// and Postgres tells nobody that a lock is free. So short waits, and many tries.
struct LockPatience {
  Millis wait;   // lock_timeout: others wait behind us so long at most …
  Millis pause;  // … and have so long for themselves before the next try
  int tries;
};

}  // namespace baton::postgres
