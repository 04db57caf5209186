#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/model/result.h"
#include "common/model/time.h"

namespace baton::postgres {

/// A libpq connection string taken apart: keyword -> value ("host", "port", "dbname", …).
using Conninfo = std::map<std::string, std::string>;

/// Reads "host=… port=…" or a postgresql:// URI, environment and service file included.
Result<Conninfo, std::string> parse_conninfo(const std::string&);

/// With several hosts: the same list, begun at the n-th, so that a host that swallows packets, or has another
/// database, does not keep the others from being tried.
Conninfo rotated(Conninfo, std::size_t n);

/// The hosts that are names and have no address beside them: no numbers, no folders of sockets.
std::vector<std::string> names_of(const Conninfo&);
/// The same with an entry for each address of a name, the address beside it (hostaddr=). A name without
/// addresses is left out; nothing: then no host is left.
using Addresses = std::map<std::string, std::vector<std::string>>;
std::optional<Conninfo> with_addresses(Conninfo, const Addresses&);

/// A program of ours that was stopped between two statements of a transaction keeps its locks so long.
inline constexpr Millis kIdleInTransactionMax{5'000};

/// What keeps a dead server from going unnoticed for more than some 5 s, a standby from being taken for the
/// primary, and a transaction from being left open. What the connection string says itself is kept.
Conninfo with_watchfulness(Conninfo);

/// For messages: "127.0.0.1:5432/baton" (never a password).
std::string place_of(const Conninfo&);

/// A schema's name goes into the search path unquoted.
bool is_schema_name(std::string_view);              // [a-z_][a-z0-9_]*, at most 63 letters
std::string schema_name_problem(std::string_view);  // of one that is none, for people

}  // namespace baton::postgres
