#pragma once

#include <string>

namespace baton::postgres {

/// Which database the connections of one store may speak to, where several accept them: both hosts of a list
/// after a failover that left the old primary alive, or what a name stands for now and stood for before.
///
/// The writer's is the one; every other connection looks on until it has found that. While it is connected
/// the writer leaves its own only for a successor, the same system on a later timeline, whoever has come
/// across it, and from then on takes no earlier one. Timelines only rise: nobody goes to and fro. To stay
/// would be worse: what the old primary confirms is lost when it ends, and other conductors may be on the new
/// one already. An origin is "<system id>/<timeline>" (server_word.h).
class DatabaseChoice {
 public:
  /// Why the writer must not use the database that it has found; empty: it does, the others must follow.
  std::string refused_to_writer(const std::string& origin);
  /// Why another connection must not; empty: it may. Behind it see must_leave().
  std::string refused_to_others(const std::string& origin);

  /// The writer's database has a successor, which is newest().
  bool must_leave() const { return !writers_.empty() && newest_ != writers_; }
  const std::string& newest() const { return newest_; }

 private:
  std::string refused_as_earlier(const std::string& origin) const;

  std::string writers_;  // empty: it has found none yet, the others may look at any
  std::string newest_;   // the writer's, or its latest successor that was seen
};

}  // namespace baton::postgres
