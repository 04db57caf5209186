#include "tests/simulation/tasks.h"

#include "tests/simulation/words.h"

namespace baton::simulation {

using worker::CallId;

Tasks::Tasks(World& world, Process& process, const memory::MemorySession& session,
             std::shared_ptr<Wire> cloud, Incarnation self, std::set<std::string> types)
    : world_(world),
      process_(process),
      session_(session),
      cloud_(std::move(cloud)),
      self_(self),
      types_(std::move(types)) {}

const TaskScript& Tasks::script(const Call& call) const {
  return world_.script_of(call.request.job, call.request.delivery.atom);
}

bool Tasks::fails(const Call& call) const {
  const auto& delivery = call.request.delivery;
  const TaskScript& told = script(call);
  return delivery.attempt <= (delivery.intention == Intention::Execute ? told.fails : told.revert_fails);
}

void Tasks::start(CallId id, const wire::Request& request, Done done) {
  const auto& delivery = request.delivery;
  world_.say(process_.name() + " starts " + world_.trace.of(delivery.flow) + " " + words(delivery));
  Execution execution;
  execution.began = world_.loop.steady();
  execution.by = process_.name();
  execution.worker = self_;
  execution.job = request.job;
  execution.delivery = delivery;
  execution.arguments = request.arguments;
  execution.was_recorded = world_.database->recorded(delivery, self_);
  if (!world_.ensemble.lives(session_.number())) execution.session_over_for = world_.unlisted_for(self_);
  world_.evidence.executions.push_back(std::move(execution));
  const Call& call =
      calls_.emplace(id, Call{request, std::move(done), world_.evidence.executions.size() - 1}).first->second;
  const TaskScript& told = script(call);
  const bool hangs = told.hangs && delivery.intention == Intention::Execute && delivery.attempt == 1;
  later(id, hangs ? kHang : told.before, &Tasks::call_cloud);
}

void Tasks::later(CallId id, Millis delay, void (Tasks::*then)(CallId)) {
  process_.after(delay * slowness_, [this, id, then] {
    if (calls_.contains(id)) (this->*then)(id);
  });
}

void Tasks::call_cloud(CallId id) {
  const Call& call = calls_.at(id);
  const TaskScript& told = script(call);
  const auto& delivery = call.request.delivery;
  const bool executes = delivery.intention == Intention::Execute;
  if (!told.calls || (executes && fails(call) && !told.fails_late))
    return later(id, told.after, &Tasks::succeed_or_fail);
  later(id, kCloudTimeout, &Tasks::unreachable);
  cloud_->to_server([this, &world = world_, wire = cloud_, id, delivery, executes, by = process_.name()] {
    const Cloud::Key key{delivery.flow, delivery.atom, delivery.attempt};
    const Micros now = world.loop.steady();
    const bool fresh = executes ? world.cloud.create(key, delivery.dispatch, now)
                                : world.cloud.remove(key, delivery.dispatch, now);
    world.say("cloud: " + by + (executes ? " makes " : " takes away ") + world.trace.of(delivery.flow) + " " +
              words(delivery) + (fresh ? "" : ": stale"));
    wire->to_client([this, id, fresh] { answered(id, fresh); });
  });
}

void Tasks::answered(CallId id, bool fresh) {
  const auto found = calls_.find(id);
  if (found == calls_.end()) return;
  found->second.answered = true;
  if (!fresh) return end(id, Failure::make("StaleToken", "the cloud has seen a higher one"));
  later(id, script(found->second).after, &Tasks::succeed_or_fail);
}

void Tasks::succeed_or_fail(CallId id) {
  const Call& call = calls_.at(id);
  const auto& delivery = call.request.delivery;
  if (fails(call)) return end(id, Failure::make("Boom", "as its script says"));
  if (delivery.intention == Intention::Revert) return end(id, Value());
  end(id, Value::from_stored("{\"of\":" + quoted(delivery.atom) +
                             ",\"attempt\":" + std::to_string(delivery.attempt) + "}"));
}

/// Its call may be carried out all the same, later. Or its worker has slept through the answer.
void Tasks::unreachable(CallId id) {
  if (calls_.at(id).answered) return;
  world_.evidence.cloud_was_away = true;
  end(id, Failure::make("Unreachable", "the cloud does not answer"));
}

void Tasks::cancel(CallId id) {
  const auto found = calls_.find(id);
  if (found == calls_.end() || std::exchange(found->second.cancelled, true)) return;
  if (script(found->second).obeys_cancel) later(id, Millis{2}, &Tasks::obey_cancel);
}

void Tasks::obey_cancel(CallId id) {
  end(id, Failure::make(std::string(failure_type::kCancelled), "it was asked to end"));
}

void Tasks::end(CallId id, worker::TaskOutcome outcome) {
  auto ended = calls_.extract(id);
  const Call& call = ended.mapped();
  const auto* failure = std::get_if<Failure>(&outcome);
  world_.say(process_.name() + " ends " + world_.trace.of(call.request.delivery.flow) + " " +
             words(call.request.delivery) + (failure ? ": " + failure->type : ""));
  Execution& execution = world_.evidence.executions[call.execution];
  execution.ended = world_.loop.steady();
  std::visit([&](const auto& what) { execution.outcome = what; }, outcome);
  call.done(std::move(outcome));
}

std::size_t Tasks::count(Intention intention) const {
  std::size_t found = 0;
  for (const auto& [id, call] : calls_) found += call.request.delivery.intention == intention;
  return found;
}

}  // namespace baton::simulation
