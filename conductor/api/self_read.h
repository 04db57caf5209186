#pragma once

#include <functional>
#include <map>
#include <string>

#include "common/model/time.h"
#include "conductor/api/exchange.h"
#include "conductor/inspection.h"

namespace baton::api {

/// What only the process that made the links to its servers knows of them. Never a secret.
struct ProcessFacts {
  /// Settings that all conductors of a fleet must agree on, as text, by their names.
  std::map<std::string, std::string> agreed_settings;
  int schema_version = 0;           // of the database that this program needs; 0: it uses no such database
  Millis session_timeout_asked{0};  // of ZooKeeper; 0: there is none
  Millis session_timeout{0};        // as granted; 0: no session yet
  Millis session_silent{0};         // since ZooKeeper was last heard of
  std::string can_lose;             // how Postgres can lose what it has confirmed; empty: it cannot
};
/// Asked at each read; null: a process without such links (`baton dev`, tests).
using TellFacts = std::function<ProcessFacts()>;

/// GET /v1/self: what the conductor that answers says of itself, for `baton doctor`. `now`: its clock.
Response self_response(const conductor::Inspection&, const ProcessFacts&, TimePoint now);

}  // namespace baton::api
