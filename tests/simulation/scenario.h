#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/model/job.h"
#include "engine/flow.h"
#include "tests/simulation/dice.h"

namespace baton::simulation {

/// What the code of one task does, whichever worker runs it and however often.
struct TaskScript {
  Millis before{1}, after{1};      // around its call to the cloud
  bool calls = true;               // it makes something there; else it only computes
  std::uint32_t fails = 0;         // so many attempts fail
  bool fails_late = false;         // … after they have made what they should
  std::uint32_t revert_fails = 0;  // so many reverts fail
  bool obeys_cancel = true;
  bool hangs = false;  // its first attempt never ends by itself
};

/// A job that clients post, and what its tasks do.
struct ScriptedJob {
  JobId uuid;
  Priority priority = Priority::Normal;
  engine::FlowSpec flow;
  std::map<std::string, TaskScript> tasks;  // by atom
  Millis posted_after{0};
  bool posted_twice = false;  // a client that did not hear the answer posts it on a second node
  std::uint32_t runs = 1;
  /// Nothing in it fails or is late of its own: whatever happens around it, it succeeds.
  bool sound = true;

  Posting posting(std::uint32_t run) const;
};

/// The jobs of one seed.
std::vector<ScriptedJob> make_jobs(Dice);

}  // namespace baton::simulation
