#include <algorithm>

#include "tests/simulation/verdict.h"
#include "tests/simulation/words.h"

/// P5: who lost a lease changes no record, removes nothing of another's, and passes no fence.
namespace baton::simulation {
namespace {

/// Which the database has forgotten since, perhaps (PROTOCOL.md H17): everything is claimed afresh.
bool is_of_another_database(const World& world, const GrantedClaim& claim, const AcceptedStep& step) {
  const auto& losses = world.evidence.losses;
  return std::any_of(losses.begin(), losses.end(),
                     [&](std::uint64_t loss) { return claim.number < loss && loss < step.number; });
}

/// Of each flow, who had claimed it last when a step was accepted.
void check_steps(const World& world, Verdict& verdict) {
  const auto& claims = world.evidence.claims;
  std::map<FlowId, const GrantedClaim*> owners;
  std::size_t next = 0;
  for (const AcceptedStep& step : world.evidence.steps) {
    for (; next < claims.size() && claims[next].number < step.number; ++next) {
      const GrantedClaim*& owner = owners[claims[next].flow];
      if (owner && claims[next].epoch <= owner->epoch && claims[next].by != owner->by)
        verdict.broken(Promise::P5, claims[next].by + " was granted " + claims[next].job.value + " with " +
                                        words(claims[next].epoch) + ", and " + owner->by + " had " +
                                        words(owner->epoch));
      owner = &claims[next];
    }
    if (step.refused) continue;
    const GrantedClaim* owner = owners[step.flow];
    if (!owner || owner->by != step.by || owner->epoch != step.epoch)
      verdict.broken(Promise::P5,
                     step.by + " with " + words(step.epoch) + " changed " + step.job.value +
                         (owner ? ", which " + owner->by + " had claimed with " + words(owner->epoch)
                                : ", which nobody had claimed"));
    if (owner && is_of_another_database(world, *owner, step))
      verdict.broken(Promise::P5, step.by + " changed " + step.job.value + " with its claim " +
                                      words(owner->epoch) + " of the database before");
  }
}

/// Nothing older acts after something newer.
void check_cloud(const World& world, Verdict& verdict) {
  std::map<std::pair<FlowId, std::string>, Dispatch> acted;
  for (const CloudCall& call : world.cloud.ledger()) {
    if (call.stale) continue;
    Dispatch& highest = acted[{call.flow, call.atom}];
    if (call.dispatch < highest)
      verdict.broken(Promise::P5,
                     world.trace.of(call.flow) + ": a delivery of " + call.atom + " acted after a later one");
    highest = std::max(highest, call.dispatch);
  }
}

// A session that the server ends of itself: the words on their way, and what a worker believes in a cut.
constexpr Millis kUnheardMost = World::kSessionTimeout * 2 / 3 + Millis{500};

/// A worker starts nothing when somebody else may have been given its work (I14).
void check_leases(const World& world, Verdict& verdict) {
  for (const Execution& execution : world.evidence.executions)
    if (execution.session_over_for > kUnheardMost)
      verdict.broken(Promise::P5, execution.by + " started " + execution.job + " " +
                                      words(execution.delivery) + " when its session had been over for " +
                                      std::to_string(execution.session_over_for.count()) + " ms");
}

}  // namespace

void check_fences(const World& world, Verdict& verdict) {
  check_steps(world, verdict);
  check_cloud(world, verdict);
  check_leases(world, verdict);
  for (const ForeignHand& hand : world.evidence.foreign_hands)
    verdict.broken(Promise::P5, hand.by + " removed " + hand.path + ", which was " + hand.owner + "'s");
}

}  // namespace baton::simulation
