#pragma once

#include <string>

#include "common/model/result.h"
#include "common/zookeeper/session_file.h"

namespace baton::zookeeper {

/// Notes the death of a process and ends its session, so that its claims and adverts vanish now and not after
/// the session's timeout. For a supervisor that has seen the process and its children end: the session is
/// taken over with its id and password, from whoever holds it. First the note, then the end (PROTOCOL.md
/// H20): whoever misses the advert finds the note. A session that has expired already gets no
/// note: nobody waits for it any more. Blocks until the server knows the session no more, at most for
/// `deadline` and the 3 s that the client library may take to close. The error is for people. `note`: what is
/// written into the note.
Result<void, std::string> end_dead_session(const SessionFile&, const std::string& note, Millis deadline);

}  // namespace baton::zookeeper
