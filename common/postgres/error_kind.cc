#include "common/postgres/error_kind.h"

#include <array>
#include <string_view>

#include "common/postgres/transaction.h"

namespace baton::postgres {
namespace {

struct Known {
  std::string_view state;  // a class of SQLSTATEs, or one of them
  ErrorKind kind;
};
constexpr std::array kKnown{
    Known{kStepsRefused, ErrorKind::StepsRefused},
    Known{"22", ErrorKind::Value},  // data exception
    Known{"23", ErrorKind::Value},  // integrity
    Known{"54", ErrorKind::Value},  // program limit exceeded
    Known{"40", ErrorKind::LostRace},
    Known{"55P03", ErrorKind::Slow},  // lock not available: lock_timeout
    Known{"57014", ErrorKind::Slow},  // query cancelled: statement_timeout, or a person
    Known{"42", ErrorKind::Schema},   // no such table or column, no right to it
    Known{"3F", ErrorKind::Schema},   // no such schema
    Known{"25006", ErrorKind::ReadOnly},
};

}  // namespace

ErrorKind kind_of(const SqlError& error) {
  for (const Known& known : kKnown)
    if (error.state.starts_with(known.state)) return known.kind;
  return ErrorKind::Server;
}

std::string told(const SqlError& error) {
  return error.message + (error.state.empty() ? "" : " (SQLSTATE " + error.state + ")");
}

}  // namespace baton::postgres
