#pragma once

#include <string>

#include "common/postgres/connection.h"

namespace baton::postgres {

/// What a server says of itself: asked on every new connection, and by check().
struct ServerWord {
  std::string origin;    // "<system id>/<timeline>" of a primary
  std::string unusable;  // why it takes no commits (a standby, read only); empty: it does
  std::string unsafe;    // the setting with which what it has confirmed can be lost; empty: none
  std::string behind;    // a standby that no commit waits for: lost when it is promoted; empty: none
};
extern const StatementText kServerWord;
ServerWord read_server_word(const ResultSet&);

/// What can be lost, for people; empty: nothing.
std::string risk_of(const ServerWord&);

/// libpq's word for a server that takes no commits says neither what it is nor what to do.
SqlError explained(SqlError);

}  // namespace baton::postgres
