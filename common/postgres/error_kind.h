#pragma once

#include "common/postgres/connection.h"

namespace baton::postgres {

/// What an error says of the transaction that it ended, and so what is to be done with its works.
enum class ErrorKind {
  StepsRefused,  // refuse_steps(): rows were not as a step had left them; the detail lists the flows
  Value,         // one of its values was refused
  LostRace,      // it lost against another transaction: the same again
  Slow,          // it was cancelled, or waited too long for another session's lock: perhaps one work's fault
  Schema,        // tables or functions are not as this program knows them
  ReadOnly,      // the primary has become a standby
  Server         // anything else: the server's trouble, or one damaged row's
};
ErrorKind kind_of(const SqlError&);

/// "message (SQLSTATE 57014)"
std::string told(const SqlError&);

}  // namespace baton::postgres
