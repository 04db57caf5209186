#include "libbaton/listening.h"

#include <utility>

namespace baton::embed {
namespace {

static_assert(static_cast<int>(AtomState::ignore) == static_cast<int>(baton::AtomState::Ignore) &&
              static_cast<int>(AtomState::revert_failure) ==
                  static_cast<int>(baton::AtomState::RevertFailure));
static_assert(static_cast<int>(FlowState::trashed) == static_cast<int>(baton::FlowState::Trashed) &&
              static_cast<int>(FlowState::suspended) == static_cast<int>(baton::FlowState::Suspended));

Time time_of(TimePoint at) {
  return std::chrono::time_point_cast<Time::duration>(at);
}

bool succeeds(AtomState state) {
  return state == AtomState::success;
}

void tell_outcome(AtomChange& change, const AtomFact& fact) {
  const AtomRecord& after = fact.after;
  change.dispatch = after.dispatch;
  change.note = fact.note;
  if (succeeds(change.state) && (fact.changed & kResultChanged)) change.result = after.result.tree();
  if (change.state == AtomState::failure && after.failure) change.failure = public_failure(*after.failure);
  if (change.state == AtomState::revert_failure && after.revert_failure)
    change.failure = public_failure(*after.revert_failure);
}

AtomChange public_change(const local::AtomChange& from) {
  const auto& plan = from.engine.plan();
  AtomChange change;
  change.flow = plan.flow_name();
  change.atom = plan.name(from.atom);
  change.retry = plan.kind(from.atom) == engine::AtomKind::Retry;
  change.from = public_state(from.from);
  change.state = public_state(from.state);
  change.attempt = from.attempt;
  if (from.fact) tell_outcome(change, *from.fact);
  change.at = time_of(from.at);
  change.took = from.took;
  change.atoms_done = from.engine.done();
  change.atoms = plan.size();
  return change;
}

class AtomListener final : public local::Listener {
 public:
  AtomListener(std::optional<AtomState> state, std::function<void(const AtomChange&)> tell)
      : state_(state), tell_(std::move(tell)) {}
  void on_atom(const local::AtomChange& change) override {
    if (!state_ || *state_ == public_state(change.state)) tell_(public_change(change));
  }

 private:
  const std::optional<AtomState> state_;
  const std::function<void(const AtomChange&)> tell_;
};

class FlowListener final : public local::Listener {
 public:
  FlowListener(std::optional<FlowState> state, std::function<void(const FlowChange&)> tell)
      : state_(state), tell_(std::move(tell)) {}
  void on_flow(const local::FlowChange& from) override {
    FlowChange change;
    change.state = public_state(from.fact.state);
    if (state_ && *state_ != change.state) return;
    const auto& plan = from.engine.plan();
    change.flow = plan.flow_name();
    change.from = public_state(from.fact.from);
    if (from.fact.failure) change.failure = public_failure(*from.fact.failure);
    for (const AtomIndex atom : from.fact.kept) change.kept.push_back(plan.name(atom));
    change.note = from.fact.note;
    change.at = time_of(from.at);
    tell_(change);
  }

 private:
  const std::optional<FlowState> state_;
  const std::function<void(const FlowChange&)> tell_;
};

class ProgressListener final : public local::Listener {
 public:
  explicit ProgressListener(std::function<void(const Progress&)> tell) : tell_(std::move(tell)) {}
  bool wants_progress() const override { return true; }
  void on_progress(const engine::Engine& engine, AtomIndex atom,
                   const worker::TaskProgress& progress) override {
    tell_({engine.plan().flow_name(), engine.plan().name(atom), progress.share, progress.note});
  }

 private:
  const std::function<void(const Progress&)> tell_;
};

}  // namespace

AtomState public_state(baton::AtomState state) {
  return static_cast<AtomState>(state);
}
FlowState public_state(baton::FlowState state) {
  return static_cast<FlowState>(state);
}
Failure public_failure(const baton::Failure& failure) {
  return {failure.type, failure.message, failure.details.tree()};
}

OneListener atom_listener(std::optional<AtomState> state, std::function<void(const AtomChange&)> tell) {
  return std::make_unique<AtomListener>(state, std::move(tell));
}
OneListener flow_listener(std::optional<FlowState> state, std::function<void(const FlowChange&)> tell) {
  return std::make_unique<FlowListener>(state, std::move(tell));
}
OneListener progress_listener(std::function<void(const Progress&)> tell) {
  return std::make_unique<ProgressListener>(std::move(tell));
}

std::uint64_t Listeners::add(OneListener listener) {
  if (notifier_) notifier_->add(*listener);
  all_[++last_] = std::move(listener);
  return last_;
}

void Listeners::forget(std::uint64_t number) {
  auto found = all_.extract(number);
  if (found.empty() || !notifier_) return;
  notifier_->remove(*found.mapped());
  forgotten_.push_back(std::move(found.mapped()));
}

void Listeners::listen(local::Notifier* notifier) {
  notifier_ = notifier;
  forgotten_.clear();
  if (!notifier) return;
  for (const auto& [number, listener] : all_) notifier->add(*listener);
}

}  // namespace baton::embed
