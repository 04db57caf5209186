#include "bench/flow_walk.h"

#include "common/model/assert.h"
#include "engine/plan_data.h"

namespace baton::bench {

using engine::AtomKind;

FlowWalk::FlowWalk(engine::PlanPtr plan, Ends ends) : plan_(std::move(plan)), ends_(ends) {
  auto made = engine::Engine::make(plan_, {}, FlowState::Pending, {}, 0);
  BATON_ASSERT(made.ok());
  engine_ = std::move(made).value();
}

bool FlowWalk::go_on(std::size_t answers) {
  if (engine_->state() == FlowState::Pending) step(std::array{engine::Event(engine::Started{})});
  for (; answers > 0 && !open_.empty(); --answers) {
    const AtomIndex atom = open_.front();
    open_.pop_front();
    const engine::Request request = engine_->request(atom);
    step(std::array{engine::Event(engine::AtomFinished{atom, request.intention, request.attempt,
                                                       request.dispatch, outcome_of(atom, request)})});
    ++completions_;
  }
  return !open_.empty();
}

FlowState FlowWalk::run() {
  while (go_on(plan_->size())) {
  }
  return engine_->state();
}

std::vector<AtomRecord> FlowWalk::records() const {
  std::vector<AtomRecord> records;
  records.reserve(plan_->size());
  for (AtomIndex atom = 0; atom < plan_->size(); ++atom) records.push_back(engine_->atom(atom));
  return records;
}

void FlowWalk::step(std::span<const engine::Event> events) {
  engine_->step(TimePoint{}, events, out_);
  obey();
  if (!out_.facts.empty()) last_seq_ = out_.facts.back().seq;
  // A host gives them away; a usual step's memory is kept to be used again.
  static constexpr std::size_t kUsualMax = 1'024;
  if (out_.facts.size() > kUsualMax) out_ = {};
  if (placed_.size() > kUsualMax) placed_ = {};
  out_.facts.clear();
  out_.commands.clear();
}

/// Placing is part of the step that asked for it, and may ask again.
void FlowWalk::obey() {
  for (std::size_t next = 0; next < out_.commands.size(); ++next) {
    if (const auto* send = std::get_if<engine::Send>(&out_.commands[next])) open_.push_back(send->atom);
    const auto* place = std::get_if<engine::Place>(&out_.commands[next]);
    if (!place) continue;
    placed_.clear();
    placed_.reserve(place->atoms.size());
    for (const AtomIndex atom : place->atoms) {
      placed_.emplace_back(engine::Placed{atom, {}, "worker-1"});
      completions_ += plan_->kind(atom) == AtomKind::Retry;  // it ends where it starts
    }
    engine_->step(TimePoint{}, placed_, out_);
  }
}

std::variant<Value, Failure> FlowWalk::outcome_of(AtomIndex atom, const engine::Request& request) const {
  if (request.intention == Intention::Revert) return Value();
  const bool first_try = ends_.trouble == Trouble::FirstTries && request.attempt == 1 &&
                         plan_->data().atoms[atom].retry != kNoAtom;
  if (first_try || (ends_.last_fails && atom + 1 == plan_->size())) return Failure{"Boom", "", {}};
  return Value();
}

}  // namespace baton::bench
