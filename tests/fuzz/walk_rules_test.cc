#include "tests/fuzz/walk_rules.h"

#include <catch2/catch.hpp>
#include <stdexcept>

/// Each rule sees the violation that is planted here.
namespace baton::fuzz {
namespace {

/// Facts of a flow a > b, written by hand.
class Story {
 public:
  Story() : plan_(compiled()), rules_(plan_) {
    rules_.see({Fact{1, FlowFact{FlowState::Pending, FlowState::Running, {}, {}, {}}}});
  }

  /// The atom goes into that state; what else is right for it follows.
  Story& goes(AtomIndex atom, AtomState to) {
    AtomRecord after = atoms_[atom];
    after.state = to;
    if (to == AtomState::Running) ++after.attempt;
    after.delivery.reset();
    if (to == AtomState::Running || to == AtomState::Reverting) {
      ++after.dispatch;
      after.delivery = Delivery();
    }
    if (to == AtomState::Failure) after.failure = Failure::make("Boom", "");
    return becomes(atom, after);
  }
  Story& becomes(AtomIndex atom, AtomRecord after) {
    const AtomRecord before = atoms_[atom];
    rules_.see({Fact{1, AtomFact{atom, before.state, before.attempt, before.dispatch, after, 0, {}}}});
    atoms_[atom] = std::move(after);
    return *this;
  }
  Story& all_intend(Intention intention, bool reset = false) {
    rules_.see({Fact{1, RangeFact{0, 2, intention, reset}}});
    for (AtomRecord& atom : atoms_) {
      atom.intention = intention;
      if (reset) atom.state = AtomState::Pending;
    }
    return *this;
  }
  WalkRules& rules() { return rules_; }
  const AtomRecord& atom(AtomIndex index) const { return atoms_[index]; }

 private:
  static engine::PlanPtr compiled() {
    engine::FlowSpec flow;
    flow.name = "f";
    for (const char* name : {"a", "b"}) {
      engine::TaskSpec task;
      task.type = "step";
      task.name = name;
      flow.nodes.emplace_back(task);
    }
    return engine::compile(flow, {}).value();
  }

  engine::PlanPtr plan_;
  WalkRules rules_;
  std::vector<AtomRecord> atoms_{2};
};

}  // namespace

TEST_CASE("a legal story breaks no rule") {
  Story story;
  story.goes(0, AtomState::Running).goes(0, AtomState::Success).goes(1, AtomState::Running);
  story.goes(1, AtomState::Failure).all_intend(Intention::Revert);
  story.goes(1, AtomState::Reverting).goes(1, AtomState::Reverted);
  story.goes(0, AtomState::Reverting).goes(0, AtomState::Reverted);
  CHECK_NOTHROW(story.rules().ended(FlowState::Reverted, false));
}

TEST_CASE("nothing runs before what it needs") {
  Story story;
  CHECK_THROWS_WITH(story.goes(1, AtomState::Running), "'b' runs, and 'a' before it is PENDING");
}

TEST_CASE("only legal moves are made, from what was") {
  CHECK_THROWS_WITH(Story().goes(0, AtomState::Success), "'a' went from PENDING to SUCCESS");
  CHECK_THROWS_WITH(Story().rules().see({Fact{1, AtomFact{0, AtomState::Running, 1, 1, {}, 0, {}}}}),
                    "'a' does not start from what it was");
  CHECK_THROWS_WITH(
      Story().rules().see({Fact{1, FlowFact{FlowState::Running, FlowState::Pending, {}, {}, {}}}}),
      "the flow went from RUNNING by a fact from RUNNING to PENDING");
}

TEST_CASE("a revert comes once, when it is wanted, and behind those of its dependents") {
  Story story;
  story.goes(0, AtomState::Running).goes(0, AtomState::Success);
  CHECK_THROWS_WITH(Story(story).goes(0, AtomState::Reverting), "'a' is reverted and nobody wants it");
  story.goes(1, AtomState::Running).all_intend(Intention::Revert);
  CHECK_THROWS_WITH(Story(story).goes(0, AtomState::Reverting),
                    "'a' is reverted, and 'b' behind it is RUNNING");
  story.goes(1, AtomState::Failure).goes(1, AtomState::Reverting).goes(1, AtomState::Reverted);
  CHECK_THROWS_WITH(Story(story).goes(1, AtomState::Reverting), "'b' went from REVERTED to REVERTING");
  CHECK_NOTHROW(story.goes(0, AtomState::Reverting));
}

TEST_CASE("what has run is not reverted without a call") {
  Story story;
  story.goes(0, AtomState::Running).goes(0, AtomState::Failure).all_intend(Intention::Revert);
  CHECK_THROWS_WITH(story.goes(0, AtomState::Reverted), "'a' counts as reverted, and it has run");
}

TEST_CASE("numbers grow, and attempts count executions") {
  Story story;
  AtomRecord skips;
  skips.state = AtomState::Running;
  skips.attempt = 2;
  CHECK_THROWS_WITH(story.becomes(0, skips), "'a' counts its attempts wrong");
  Story sent;
  sent.goes(0, AtomState::Running);
  engine::Request request;
  request.attempt = 1;
  request.dispatch = 7;
  CHECK_THROWS_WITH(sent.rules().see_send(request, 0), "'a' is sent with numbers that are not on record");
}

TEST_CASE("a cancelled flow starts nothing, and what runs is not reset") {
  Story story;
  story.goes(0, AtomState::Running);
  CHECK_THROWS_WITH(Story(story).all_intend(Intention::Execute, true), "'a' is reset while it runs");
  CHECK_THROWS_WITH(Story(story).all_intend(Intention::Ignore), "'a' is ignored and is RUNNING");
  story.goes(0, AtomState::Success).rules().cancelled(false);
  CHECK_THROWS_WITH(story.goes(1, AtomState::Running), "'b' starts in a cancelled flow");
}

TEST_CASE("what a cancel keeps is not to be reverted") {
  Story story;
  story.goes(0, AtomState::Running).goes(0, AtomState::Success).rules().cancelled(true);
  CHECK_THROWS_WITH(story.all_intend(Intention::Revert),
                    "'a' is to be reverted in a flow that was cancelled with keep");
}

TEST_CASE("an end keeps its promise, and offers keep their order") {
  Story story;
  story.goes(0, AtomState::Running);
  CHECK_THROWS_WITH(story.rules().ended(FlowState::Success, false),
                    "'a' is RUNNING at the end, and the flow is SUCCESS");
  story.goes(0, AtomState::Success);
  CHECK_THROWS_WITH(story.rules().ended(FlowState::Success, false),
                    "'b' is PENDING at the end, and the flow is SUCCESS");
  story.all_intend(Intention::Revert);
  CHECK_THROWS_WITH(story.rules().ended(FlowState::Reverted, false),
                    "'a' is SUCCESS at the end, and the flow is REVERTED");
  CHECK_THROWS_WITH(story.rules().see(engine::Place{{1, 0}}), "'a' is offered out of its order");
}

}  // namespace baton::fuzz
