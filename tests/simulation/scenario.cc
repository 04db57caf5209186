#include "tests/simulation/scenario.h"

#include <boost/json/parse.hpp>

#include "common/model/assert.h"
#include "tests/simulation/flow_maker.h"

namespace baton::simulation {

Posting ScriptedJob::posting(std::uint32_t run) const {
  auto details = Value::from(boost::json::object{{"flow", engine::write_flow(flow).tree()}});
  BATON_ASSERT(details.ok());
  auto made = Posting::make(uuid, "simulated", priority, *std::move(details), std::nullopt, run);
  BATON_ASSERT(made.ok());
  return *std::move(made);
}

std::vector<ScriptedJob> make_jobs(Dice dice) {
  std::vector<ScriptedJob> jobs(dice.between(2, 5));
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    ScriptedJob& job = jobs[i];
    job.uuid = JobId("job-" + std::to_string(i));
    job.priority = static_cast<Priority>(dice.below(5));
    job.posted_after = dice.millis(0, 2'500);
    job.posted_twice = dice.one_in(8);
    job.runs = dice.one_in(6) ? 2 : 1;
    FlowMaker maker(dice, job);
    dice.one_in(3) ? maker.create_cluster() : maker.any_flow();
  }
  return jobs;
}

}  // namespace baton::simulation
