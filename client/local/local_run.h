#pragma once

#include "client/command/local_words.h"
#include "client/local/live_progress.h"
#include "client/local/session.h"

namespace baton::client {

/// `baton run`, and resume and rerun of a state file: a run in this process with live progress, and the
/// picture of it in the end.
class LocalRun {
 public:
  LocalRun(const Context&, const RunOptions&);

  using Way = Ended (LocalRun::*)();
  /// One that begins so. What the system refuses this process is told.
  static Ended once(const Context&, const RunOptions&, Way);

  Ended run();     // a flow anew
  Ended resume();  // what the state file has, from its last record on
  Ended rerun();   // … once more, after its end

 private:
  Ended go(const MaybeProblem&);
  void stop();
  Ended finish();
  Ended give_up();

  const Context& context_;
  const RunOptions& options_;
  LocalSession session_;
  LiveProgress progress_;
};

}  // namespace baton::client
