#pragma once

#include "common/model/order.h"
#include "conductor/api/exchange.h"
#include "tests/simulation/cluster.h"
#include "tests/simulation/coverage.h"

namespace baton::simulation {

/// People who suspend, resume and cancel jobs through the conductors' API, each time through another one. Who
/// has suspended a job resumes it some time later; in the end every job that stands still is resumed.
class People {
 public:
  People(Cluster&, Coverage&);

  void begin();

 private:
  void plan(const ScriptedJob&);
  void order(const ScriptedJob&, OrderKind, bool keep);
  void heard(const ScriptedJob&, OrderKind, const api::Response&);
  void resume_all();
  Cluster::Seat* any_conductor();

  Cluster& cluster_;
  World& world_;
  Coverage& coverage_;
  Dice dice_;
};

}  // namespace baton::simulation
