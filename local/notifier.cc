#include "local/notifier.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace baton::local {
namespace {

bool runs(AtomState state) {
  return state == AtomState::Running || state == AtomState::Reverting;
}

}  // namespace

void Notifier::add(Listener& listener) {
  listeners_.push_back(&listener);
  if (progress_wanted_ && listener.wants_progress()) progress_wanted_();
}

bool Notifier::wants_progress() const {
  return std::any_of(listeners_.begin(), listeners_.end(),
                     [](const Listener* listener) { return listener->wants_progress(); });
}

void Notifier::begin(const engine::Engine& engine) {
  known_.assign(engine.plan().size(), {});
  for (AtomIndex atom = 0; atom < known_.size(); ++atom) {
    const AtomRecord& record = engine.atom(atom);
    known_[atom].state = record.state;
    known_[atom].attempt = record.attempt;
  }
}

void Notifier::tell(const engine::Engine& engine, std::span<const Fact> facts) {
  const TimePoint at = clock_.wall();
  for (const Fact& fact : facts) {
    if (const auto* atom = std::get_if<AtomFact>(&fact.body)) {
      tell_atom(engine, *atom, at);
    } else if (const auto* range = std::get_if<RangeFact>(&fact.body)) {
      tell_range(engine, *range, at);
    } else {
      const auto& flow = std::get<FlowFact>(fact.body);
      each("the flow, " + std::string(to_string(flow.state)), [&](Listener& listener) {
        listener.on_flow({engine, flow, at});
      });
    }
  }
  each("a step", [&](Listener& listener) { listener.on_step(engine); });
}

void Notifier::tell_atom(const engine::Engine& engine, const AtomFact& fact, TimePoint at) {
  const AtomRecord& after = fact.after;
  if (after.state == known_[fact.atom].state && fact.from == after.state)
    return;  // its intention, a delivery
  change({engine, fact.atom, fact.from, after.state, after.attempt, &fact, at, {}});
}

/// Those that it leaves as they are have nothing to tell.
void Notifier::tell_range(const engine::Engine& engine, const RangeFact& range, TimePoint at) {
  const bool passes_over = range.intention == Intention::Ignore;
  if (!passes_over && !range.reset) return;
  const AtomState to = passes_over ? AtomState::Ignore : AtomState::Pending;
  for (AtomIndex atom = range.first; atom < range.first + range.count; ++atom)
    if (known_[atom].state != to)
      change({engine, atom, known_[atom].state, to, known_[atom].attempt, nullptr, at, {}});
}

void Notifier::change(AtomChange change) {
  Known& known = known_[change.atom];
  if (known.began.count() >= 0 && !runs(change.state)) change.took = clock_.steady() - known.began;
  known = {change.state, change.attempt, runs(change.state) ? clock_.steady() : Micros{-1}, {}};
  each("'" + change.engine.plan().name(change.atom) + "', " + std::string(to_string(change.state)),
       [&](Listener& listener) { listener.on_atom(change); });
}

void Notifier::tell_progress(const engine::Engine& engine, AtomIndex atom,
                             const worker::TaskProgress& progress) {
  auto& last = known_[atom].progress;
  if (progress.share == last.share && progress.note == last.note) return;
  last = progress;
  each("the progress of '" + engine.plan().name(atom) + "'", [&](Listener& listener) {
    if (listener.wants_progress()) listener.on_progress(engine, atom, progress);
  });
}

template <class Call>
void Notifier::each(const std::string& what, Call call) {
  const auto all = listeners_;
  for (Listener* listener : all) {
    if (std::find(listeners_.begin(), listeners_.end(), listener) == listeners_.end()) continue;
    try {
      call(*listener);
    } catch (const std::exception& error) {
      trouble("a listener threw at " + what + ": " + error.what());
    } catch (...) {
      trouble("a listener threw at " + what + ": something that is no std::exception");
    }
  }
}

void Notifier::trouble(std::string what) {
  if (troubles_.size() < kTroublesMax)
    troubles_.push_back(std::move(what));
  else
    ++troubles_left_out_;
}

std::vector<std::string> Notifier::troubles() const {
  auto all = troubles_;
  if (troubles_left_out_ > 0) all.push_back("… and " + std::to_string(troubles_left_out_) + " more times");
  return all;
}

}  // namespace baton::local
