#include "tests/simulation/watched_database.h"

#include <algorithm>

#include "tests/simulation/words.h"

namespace baton::simulation {

using ports::ClaimVerdict;

namespace {

/// The delivery that a fact records, if it does.
std::optional<wire::DeliveryId> delivery_in(const Fact& fact, const FlowId& flow, const engine::Plan& plan) {
  const auto* atom = std::get_if<AtomFact>(&fact.body);
  if (!atom || !atom->after.delivery) return std::nullopt;
  const bool reverts = atom->after.state == AtomState::Reverting;
  return wire::DeliveryId{flow, plan.name(atom->atom), reverts ? Intention::Revert : Intention::Execute,
                          atom->after.attempt, atom->after.dispatch};
}

/// The delivery that has ended by a fact, if one has.
std::optional<wire::DeliveryId> outcome_in(const Fact& fact, const FlowId& flow, const engine::Plan& plan) {
  const auto* atom = std::get_if<AtomFact>(&fact.body);
  const bool ran = atom && (atom->from == AtomState::Running || atom->from == AtomState::Reverting);
  if (!ran || atom->after.state == atom->from) return std::nullopt;
  return wire::DeliveryId{flow, plan.name(atom->atom),
                          atom->from == AtomState::Running ? Intention::Execute : Intention::Revert,
                          atom->from_attempt, atom->from_dispatch};
}

bool ends(const Fact& fact) {
  const auto* flow = std::get_if<FlowFact>(&fact.body);
  return flow && is_final(flow->state);
}

}  // namespace

memory::FlowDatabase::Outcome<void> WatchedDatabase::mark_board(const std::string& board_id,
                                                                std::int32_t version) {
  marked_ = version;
  return FlowDatabase::mark_board(board_id, version);
}

memory::FlowDatabase::Outcome<ports::ClaimOutcome> WatchedDatabase::claim(const ports::ClaimRequest& request,
                                                                          TimePoint now) {
  auto outcome = FlowDatabase::claim(request, now);
  const JobId& job = request.posting.uuid;
  trace_->name(outcome->flow, job.value);
  if (trace_->wanted())
    trace_->line(loop_->steady(), *speaker_ + " claims " + job.value + " run " +
                                      std::to_string(request.posting.run) + " at " + request.board_path +
                                      ": " + words(outcome->verdict) + " " + words(outcome->epoch));
  if (outcome->verdict != ClaimVerdict::Owned) return outcome;
  flows_[outcome->flow] = {job, outcome->run};
  evidence_->claims.push_back({++evidence_->last_number, loop_->steady(), *speaker_, job, outcome->flow,
                               outcome->epoch, outcome->run});
  return outcome;
}

memory::FlowDatabase::Outcome<void> WatchedDatabase::append(const ports::StepWrite& write, TimePoint now) {
  auto outcome = FlowDatabase::append(write, now);
  if (outcome.ok()) {
    accept(write);
  } else if (trace_->wanted()) {
    trace_->line(loop_->steady(), *speaker_ + " step of " + trace_->of(write.flow) + " " +
                                      words(write.epoch) + " refused: " + outcome.error().message);
  }
  return outcome;
}

memory::FlowDatabase::Outcome<void> WatchedDatabase::mark_removed(const JobId& job, std::uint32_t run,
                                                                  TimePoint now) {
  const auto known = jobs().find(job);
  const bool counts = known != jobs().end() && known->second.summary.run == run && !known->second.removed_at;
  if (counts)
    evidence_->noted.push_back({loop_->steady(), job, run, known->second.summary.board_path, *speaker_});
  return FlowDatabase::mark_removed(job, run, now);
}

std::vector<JobId> WatchedDatabase::unnoted() const {
  std::vector<JobId> found;
  for (const auto& [uuid, job] : jobs())
    if (job.summary.finished_at && !job.removed_at) found.push_back(uuid);
  return found;
}

memory::FlowDatabase::Outcome<void> WatchedDatabase::record_refused(const ports::ClaimRequest& request,
                                                                    const ports::Refusal& refusal,
                                                                    TimePoint now) {
  auto outcome = FlowDatabase::record_refused(request, refusal, now);
  if (!outcome.ok()) return outcome;
  const auto known = summaries({request.posting.uuid});
  const auto& job = known->front();
  if (job.state == refusal.state && job.run == request.posting.run)
    keep(job.uuid, *job.flow, job.epoch, job.run, {}, refusal.state, {});
  return outcome;
}

memory::FlowDatabase::Outcome<ports::OrderOutcome> WatchedDatabase::order(const ports::OrderRequest& request,
                                                                          TimePoint now) {
  auto outcome = FlowDatabase::order(request, now);
  if (outcome.ok() && outcome->verdict == ports::OrderVerdict::Recorded) {
    evidence_->orders.push_back({loop_->steady(), outcome->record});
    trace_->line(loop_->steady(), *speaker_ + " records order " + std::to_string(outcome->record.id) + ": " +
                                      std::string(to_string(request.order.kind)) + " " + request.job.value);
  }
  return outcome;
}

void WatchedDatabase::accept(const ports::StepWrite& write) {
  if (write.plan) {
    auto plan = engine::decode(*write.plan);
    BATON_ASSERT(plan.ok());
    evidence_->plans[write.flow] = *std::move(plan);
  }
  const Known& known = flows_.at(write.flow);
  keep(known.job, write.flow, write.epoch, known.run, write.facts, std::nullopt, write.orders);
}

void WatchedDatabase::keep(const JobId& job, FlowId flow, Epoch epoch, std::uint32_t run,
                           std::vector<Fact> facts, std::optional<FlowState> refused,
                           std::vector<ports::TakenOrder> orders) {
  evidence_->steps.push_back({++evidence_->last_number, loop_->steady(), *speaker_, job, flow, epoch, run,
                              std::move(facts), refused, std::move(orders)});
  const AcceptedStep& step = evidence_->steps.back();
  for (const Fact& fact : step.facts)
    if (auto delivery = delivery_in(fact, flow, *evidence_->plans.at(flow)))
      deliveries_.insert({*std::move(delivery), std::get<AtomFact>(fact.body).after.delivery->worker});
  if (trace_->wanted()) describe(step);
}

void WatchedDatabase::describe(const AcceptedStep& step) const {
  const auto plan = evidence_->plans.find(step.flow);
  std::string line = step.by + " commits " + step.job.value + " " + words(step.epoch) + ":";
  for (const Fact& fact : step.facts) line += " [" + words(fact, *plan->second) + "]";
  for (const auto& order : step.orders)
    line += " takes order " + std::to_string(order.record.id) + (order.no_effect.empty() ? "" : " in vain");
  if (step.refused) line += " " + std::string(to_string(*step.refused));
  trace_->line(loop_->steady(), line);
}

bool WatchedDatabase::recorded(const wire::DeliveryId& delivery, const Incarnation& worker) const {
  return deliveries_.contains({delivery, worker});
}

std::shared_ptr<const WatchedDatabase::Past> WatchedDatabase::past() const {
  return std::make_shared<const Past>(Past{*this, evidence_->steps.size(), evidence_->orders.size()});
}

void WatchedDatabase::forget_since(const Past& then) {
  go_back_to(then.tables);
  auto& steps = evidence_->steps;
  for (std::size_t i = then.steps; i < steps.size(); ++i) forget(steps[i]);
  std::move(steps.begin() + static_cast<std::ptrdiff_t>(then.steps), steps.end(),
            std::back_inserter(evidence_->forgotten));
  trace_->line(loop_->steady(), "a standby is promoted that lacks the last " +
                                    std::to_string(steps.size() - then.steps) + " steps");
  steps.resize(then.steps);
  for (std::size_t i = then.orders; i < evidence_->orders.size(); ++i) {
    auto& forgotten_at = evidence_->orders[i].forgotten_at;
    if (!forgotten_at) forgotten_at = loop_->steady();
  }
  evidence_->losses.push_back(++evidence_->last_number);
}

void WatchedDatabase::forget(const AcceptedStep& step) {
  if (step.refused || std::any_of(step.facts.begin(), step.facts.end(), ends))
    forgotten_ends_.insert({step.job, step.run});
  for (const Fact& fact : step.facts) {
    const engine::Plan& plan = *evidence_->plans.at(step.flow);
    if (auto outcome = outcome_in(fact, step.flow, plan)) forgotten_outcomes_.insert(*std::move(outcome));
    if (auto delivery = delivery_in(fact, step.flow, plan)) forgotten_.insert(*std::move(delivery));
  }
}

bool WatchedDatabase::knows(const JobId& job, std::uint32_t run) const {
  const auto known = summaries({job});
  return !known->empty() && known->front().run >= run;
}

FlowState WatchedDatabase::state_of(const JobId& job, std::uint32_t run) const {
  const auto known = summaries({job});
  if (known->empty() || known->front().run < run) return FlowState::Pending;
  return known->front().run > run ? FlowState::Success : known->front().state;
}

}  // namespace baton::simulation
