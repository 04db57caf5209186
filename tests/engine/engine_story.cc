#include "tests/engine/engine_story.h"

#include <algorithm>
#include <sstream>

namespace baton::tests {
namespace {

using engine::Event;
using engine::StepOutput;

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) {
    std::erase(part, ' ');
    parts.push_back(part);
  }
  return parts;
}

Incarnation worker_number(std::size_t number) {
  Uuid id;
  id.bytes[0] = static_cast<std::uint8_t>(number);
  id.bytes[1] = static_cast<std::uint8_t>(number >> 8);
  return Incarnation(id);
}

}  // namespace

Value json(std::string_view text) {
  auto value = Value::parse(text, text.size());
  INFO(text);
  REQUIRE(value.ok());
  return *value;
}

engine::FlowSpec flow_of(const std::string& text) {
  if (text.starts_with("{")) {
    auto flow = engine::read_flow(json(text));
    INFO((flow ? std::string() : flow.error().message));
    REQUIRE(flow.ok());
    return *std::move(flow);
  }
  engine::FlowSpec flow;
  flow.name = "f";
  const bool linear = text.find('>') != std::string::npos;
  flow.pattern = linear ? engine::Pattern::Linear : engine::Pattern::Unordered;
  for (const std::string& name : split(text, linear ? '>' : ',')) {
    engine::TaskSpec task;
    task.type = "step";
    task.name = name;
    flow.nodes.emplace_back(task);
  }
  return flow;
}

engine::PlanPtr plan_of(const std::string& text, const engine::Symbols& store) {
  auto plan = engine::compile(flow_of(text), store);
  INFO((plan ? std::string() : plan.error().message));
  REQUIRE(plan.ok());
  return *plan;
}

std::string refusal_of(const std::string& text, const engine::Symbols& store) {
  const auto flow = engine::read_flow(json(text));
  if (!flow) return flow.error().stage + "/" + flow.error().kind + ": " + flow.error().message;
  const auto plan = engine::compile(*flow, store);
  if (plan) return "accepted";
  return plan.error().stage + "/" + plan.error().kind + ": " + plan.error().message;
}

// ---- the beginning

void EngineStory::given_flow(const std::string& text, engine::Symbols store, engine::Options options) {
  plan_ = plan_of(text, store);
  options_ = std::move(options);
  store_ = std::make_unique<StoredFlow>(plan_->size());
  states_.assign(plan_->size(), AtomState::Pending);
  now_ = TimePoint(std::chrono::hours(24 * 365 * 50));
  start();
}

void EngineStory::start() {
  restore();
}

void EngineStory::restore(std::uint32_t generation, std::vector<Event> with) {
  auto engine =
      engine::Engine::make(plan_, options_, store_->state(), store_->load(), store_->last_seq(), run_);
  INFO((engine ? std::string() : engine.error().message));
  REQUIRE(engine.ok());
  engine_ = std::move(engine).value();
  timers_.clear();
  waiting_.clear();
  finish_.reset();
  with.insert(with.begin(), engine::Started{generation});
  step(std::move(with));
}

void EngineStory::next_run(std::vector<Event> with) {
  ++run_;
  store_->begin_run();
  restore(0, std::move(with));
}

void EngineStory::cut(std::size_t facts, std::vector<Event> with) {
  REQUIRE(facts < facts_.size());
  *store_ = before_;
  store_->append({facts_.begin(), facts_.begin() + static_cast<std::ptrdiff_t>(facts)});
  const auto atoms = store_->load();
  for (AtomIndex atom = 0; atom < atoms.size(); ++atom) states_[atom] = atoms[atom].state;
  restore(0, std::move(with));
}

// ---- what workers say

engine::AtomFinished EngineStory::answer(const std::string& atom) const {
  const AtomRecord& now = record(atom);
  INFO(atom << " is " << to_string(now.state));
  REQUIRE(now.delivery.has_value());
  return {index(atom), now.state == AtomState::Running ? Intention::Execute : Intention::Revert, now.attempt,
          now.dispatch, Value()};
}

void EngineStory::succeed(const std::string& atom, std::string_view result) {
  engine::AtomFinished finished = answer(atom);
  finished.outcome = json(result);
  step({finished});
}

void EngineStory::fail(const std::string& atom, const std::string& type, const std::string& message) {
  engine::AtomFinished finished = answer(atom);
  finished.outcome = Failure::make(type, message);
  step({finished});
}

void EngineStory::lose(const std::string& atom, const std::string& why) {
  step({engine::DeliveryLost{index(atom), dispatch(atom), why}});
}

void EngineStory::lose_uncharged(const std::string& atom) {
  step({engine::DeliveryLost{index(atom), dispatch(atom), "worker died", false}});
}

void EngineStory::hand_back(const std::string& atom) {
  step({engine::HandedBack{index(atom), dispatch(atom)}});
}

void EngineStory::report_started(const std::string& atom) {
  step({engine::DeliveryStarted{index(atom), dispatch(atom)}});
}

void EngineStory::close(const std::string& atom, bool abandoned) {
  step({engine::DeliveryClosed{index(atom), dispatch(atom), abandoned}});
}

// ---- what the host does

void EngineStory::pass(Millis time) {
  now_ += time;
  std::vector<Event> fired;
  for (const auto& [key, due] : timers_)
    if (due <= now_) fired.emplace_back(engine::TimerFired{key});
  for (const Event& event : fired) timers_.erase(std::get<engine::TimerFired>(event).timer);
  step(std::move(fired));
}

void EngineStory::place(const std::string& atom) {
  const AtomIndex waiting = index(atom);
  REQUIRE(waiting_.erase(waiting) == 1);
  REQUIRE(engine_->may_start(waiting));
  ++placed_;
  step({engine::Placed{waiting, worker_number(placed_), "w" + std::to_string(placed_)}});
}

void EngineStory::step(std::vector<Event> events) {
  StepOutput out;
  engine_->step(now_, events, out);
  answer_places(out);
  keep(out);
  for (const engine::Command& command : out.commands) obey(command);
  facts_ = std::move(out.facts);
  commands_ = std::move(out.commands);
  check_store();
}

void EngineStory::answer_places(StepOutput& out) {
  for (std::size_t next = 0; next < out.commands.size(); ++next) {
    const auto* place = std::get_if<engine::Place>(&out.commands[next]);
    if (!place) continue;
    std::vector<Event> placed;
    for (const AtomIndex atom : place->atoms) {
      REQUIRE(engine_->may_start(atom));
      if (plan_->kind(atom) == engine::AtomKind::Retry) {
        placed.emplace_back(engine::Placed{atom, {}, {}});
      } else if (full_) {
        waiting_.insert(atom);
      } else {
        ++placed_;
        placed.emplace_back(engine::Placed{atom, worker_number(placed_), "w" + std::to_string(placed_)});
      }
    }
    engine_->step(now_, placed, out);
  }
}

void EngineStory::keep(const StepOutput& out) {
  std::uint64_t seq = store_->last_seq();
  for (const Fact& fact : out.facts) {
    REQUIRE(fact.seq == ++seq);
    note_moves(fact);
    if (const auto* flow = std::get_if<FlowFact>(&fact.body)) {
      flow_facts_.push_back(*flow);
      flow_moves_.emplace(flow->from, flow->state);
    }
  }
  before_ = *store_;
  store_->append(out.facts);
}

void EngineStory::note_moves(const Fact& fact) {
  const auto note = [&](AtomIndex atom, AtomState to) {
    AtomState& now = states_[atom];
    if (now != to) moves_.emplace(plan_->kind(atom), now, to);
    now = to;
  };
  if (const auto* atom = std::get_if<AtomFact>(&fact.body)) note(atom->atom, atom->after.state);
  const auto* range = std::get_if<RangeFact>(&fact.body);
  if (!range || (!range->reset && range->intention != Intention::Ignore)) return;
  for (AtomIndex atom = range->first; atom < range->first + range->count; ++atom)
    note(atom, range->reset ? AtomState::Pending : AtomState::Ignore);
}

void EngineStory::check_store() const {
  const auto stored = store_->load();
  REQUIRE(store_->state() == engine_->state());
  for (AtomIndex atom = 0; atom < stored.size(); ++atom) {
    INFO("stored and live record of " << plan_->name(atom));
    REQUIRE(same_record(stored[atom], engine_->atom(atom)));
  }
}

void EngineStory::obey(const engine::Command& command) {
  if (const auto* timer = std::get_if<engine::SetTimer>(&command))
    timers_[timer->timer] = now_ + timer->after;
  if (const auto* timer = std::get_if<engine::CancelTimer>(&command)) timers_.erase(timer->timer);
  if (const auto* finish = std::get_if<engine::Finish>(&command)) finish_ = finish->state;
  if (const auto* send = std::get_if<engine::Send>(&command)) engine_->request(send->atom);
}

// ---- what can be seen

AtomIndex EngineStory::index(const std::string& atom) const {
  const AtomIndex found = plan_->find(atom);
  INFO("no atom " << atom);
  REQUIRE(found != kNoAtom);
  return found;
}

const AtomRecord& EngineStory::record(const std::string& atom) const {
  return engine_->atom(index(atom));
}

engine::Request EngineStory::request(const std::string& atom) const {
  return engine_->request(index(atom));
}

Names EngineStory::names_where(bool (*holds)(const AtomRecord&)) const {
  Names names;
  for (AtomIndex atom = 0; atom < plan_->size(); ++atom)
    if (holds(engine_->atom(atom))) names.push_back(plan_->name(atom));
  return names;
}

Names EngineStory::running() const {
  return names_where([](const AtomRecord& atom) {
    return atom.state == AtomState::Running || atom.state == AtomState::Reverting;
  });
}

Names EngineStory::reverting() const {
  return names_where([](const AtomRecord& atom) { return atom.state == AtomState::Reverting; });
}

Names EngineStory::waiting() const {
  Names names;
  for (const AtomIndex atom : waiting_) names.push_back(plan_->name(atom));
  return names;
}

Names EngineStory::states() const {
  Names names;
  for (AtomIndex atom = 0; atom < plan_->size(); ++atom)
    names.push_back(plan_->name(atom) + " " + std::string(to_string(engine_->atom(atom).state)));
  return names;
}

Names EngineStory::reverts_until_quiet() {
  Names names;
  for (Names open = reverting(); !open.empty(); open = reverting()) {
    names.push_back(open.front());
    succeed(open.front());
  }
  return names;
}

Names EngineStory::sent() const {
  Names names;
  for (const engine::Command& command : commands_)
    if (const auto* send = std::get_if<engine::Send>(&command)) names.push_back(plan_->name(send->atom));
  return names;
}

std::vector<std::string> EngineStory::notes() const {
  std::vector<std::string> notes;
  for (const Fact& fact : facts_)
    if (const auto* atom = std::get_if<AtomFact>(&fact.body); atom && !atom->note.empty())
      notes.push_back(plan_->name(atom->atom) + ": " + atom->note);
  return notes;
}

}  // namespace baton::tests
