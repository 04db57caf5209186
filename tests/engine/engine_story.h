#pragma once

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "engine/engine.h"
#include "tests/engine/stored_flow.h"

namespace baton::tests {

using Names = std::vector<std::string>;
using AtomMoves = std::set<std::tuple<engine::AtomKind, AtomState, AtomState>>;

Value json(std::string_view text);
/// The flow of this JSON, or of "a > b > c" (linear), or "a, b, c" (unordered); every task of type "step".
engine::FlowSpec flow_of(const std::string& text);
engine::PlanPtr plan_of(const std::string& text, const engine::Symbols& store = {});
std::string refusal_of(const std::string& text, const engine::Symbols& store = {});  // stage/kind: message

/// Tells stories of one flow. Plays the host: places what may start at workers w1, w2, … in turn, commits
/// every step into a store, and checks after each that a restore would find exactly the live state.
class EngineStory {
 public:
  // ---- the beginning
  void given_flow(const std::string& text, engine::Symbols store = {}, engine::Options options = {});
  void start();  // given_flow does it
  void restore(std::uint32_t generation = 0, std::vector<engine::Event> with = {});
  void rerun() { restore(); }
  /// As a claim of its next run finds it.
  void next_run(std::vector<engine::Event> with);
  /// As if the store had kept only so many facts of the last step; then restored, with these events.
  void cut(std::size_t facts, std::vector<engine::Event> with = {});

  // ---- what workers say
  void succeed(const std::string& atom, std::string_view result = "null");
  void fail(const std::string& atom, const std::string& type = "Boom", const std::string& message = "broken");
  void say(const engine::AtomFinished& answer) { step({answer}); }
  void lose(const std::string& atom, const std::string& why = "its session is gone");
  void lose_uncharged(const std::string& atom);  // its worker died of something else
  void hand_back(const std::string& atom);
  void report_started(const std::string& atom);
  void close(const std::string& atom, bool abandoned = false);

  // ---- what the host does
  void suspend() { step({engine::SuspendAsked{"ann", "maintenance"}}); }
  void resume() { step({engine::ResumeAsked{"ann", ""}}); }
  void cancel(bool keep = false) { step({engine::CancelAsked{"ann", "not needed", keep}}); }
  void pass(Millis time);  // timers that fall due fire
  void no_room(bool full = true) { full_ = full; }
  void place(const std::string& atom);  // one that waits

  // ---- what can be seen
  AtomState state(const std::string& atom) const { return record(atom).state; }
  const AtomRecord& record(const std::string& atom) const;
  FlowState flow_state() const { return engine_->state(); }
  const engine::Engine& engine() const { return *engine_; }
  engine::Request request(const std::string& atom) const;
  engine::AtomFinished answer(const std::string& atom) const;  // a success of its open delivery, as it stands
  Names running() const;                                       // in RUNNING or REVERTING
  Names reverting() const;                                     // in REVERTING
  Names waiting() const;                                       // named by Place, not placed yet
  Names states() const;                                        // "a SUCCESS", … of all atoms
  Names reverts_until_quiet();  // answers every revert with success, in the order in which they came
  std::optional<FlowState> finished() const { return finish_; }
  const FlowFact& last_flow_fact() const { return flow_facts_.back(); }
  const std::vector<Fact>& last_facts() const { return facts_; }
  const std::vector<engine::Command>& last_commands() const { return commands_; }
  Names sent() const;                      // atoms sent in the last step
  std::vector<std::string> notes() const;  // of the last step's atom facts
  const AtomMoves& moves() const { return moves_; }
  const std::set<std::pair<FlowState, FlowState>>& flow_moves() const { return flow_moves_; }
  void step(std::vector<engine::Event> events);

 private:
  AtomIndex index(const std::string& atom) const;
  Dispatch dispatch(const std::string& atom) const { return record(atom).dispatch; }
  void answer_places(engine::StepOutput&);
  void keep(const engine::StepOutput&);
  void note_moves(const Fact&);
  void check_store() const;
  void obey(const engine::Command&);
  Names names_where(bool (*holds)(const AtomRecord&)) const;

  engine::PlanPtr plan_;
  engine::Options options_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<StoredFlow> store_;
  std::uint32_t run_ = 1;
  StoredFlow before_{0};  // the store before the last step
  TimePoint now_{};
  std::size_t placed_ = 0;
  bool full_ = false;
  std::set<AtomIndex> waiting_;
  std::map<engine::TimerKey, TimePoint> timers_;
  std::optional<FlowState> finish_;
  std::vector<Fact> facts_;
  std::vector<FlowFact> flow_facts_;
  std::vector<engine::Command> commands_;
  AtomMoves moves_;
  std::vector<AtomState> states_;  // as the facts tell, one by one
  std::set<std::pair<FlowState, FlowState>> flow_moves_;
};

}  // namespace baton::tests
