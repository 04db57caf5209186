#pragma once

#include <string>

#include "common/model/result.h"
#include "common/zookeeper/handle.h"

namespace baton::zookeeper {

/// What a supervisor needs to close the session of a process that has died (PROTOCOL.md H21), as a file: one
/// an incarnation, mode 0600 since it holds the password, replaced by rename so that nobody reads half of it.
/// JSON: {"hosts", "session": "0x…", "password": 32 hex digits, "timeout_ms", "death_note"}.
struct SessionFile {
  std::string hosts;
  SessionIdentity identity;
  std::string death_note;  // the node to make when the process has died; empty: none
};

/// Empty: written. Else what went wrong.
std::string write_session_file(const std::string& path, const SessionFile&);
/// The error is for people, and never shows the password.
Result<SessionFile, std::string> read_session_file(const std::string& path);

/// "0x100000695dd0023", as ZooKeeper's logs show it.
std::string session_hex(std::int64_t id);

}  // namespace baton::zookeeper
