#include "engine/engine.h"

#include <utility>

#include "common/model/assert.h"
#include "engine/engine_core.h"
#include "engine/record_check.h"

namespace baton::engine {

Engine::Core::Core(PlanPtr its_plan, Options its_options, FlowState state, std::vector<AtomRecord> atoms,
                   std::uint64_t last_seq, std::uint32_t its_run)
    : plan(std::move(its_plan)),
      options(std::move(its_options)),
      run(its_run),
      book(plan, state, std::move(atoms), last_seq),
      resolver(book, options) {}

void Engine::Core::step(TimePoint time, std::span<const Event> events, StepOutput& output) {
  if (std::exchange(now, time) != time) failed_unaided = 0;
  out = &output;
  make_room(output.facts, events.size());
  book.write_to(output.facts);
  copies.clear();
  // A new owner hands in orders that are on record together with Started: recovery must know of them.
  for (const Event& event : events) {
    if (const auto* cancel = std::get_if<CancelAsked>(&event)) note_cancel(*cancel);
    if (const auto* again = std::get_if<RunAsked>(&event)) note_run(*again);
  }
  for (const Event& event : events) std::visit([this](const auto& each) { on(each); }, event);
  run_rounds();
  send_copies();
  offer();
  end_if_over();
  out = nullptr;
}

void Engine::Core::send_copies() {
  make_room(out->commands, copies.size());
  for (const auto& [atom, probe] : copies) {
    const AtomRecord& record = book.atom(atom);
    // Handed in with Started: the delivery is lost, or is to end.
    if (!record.delivery || awaits_place(atom) || closing.contains(atom)) continue;
    if (probe)
      out->commands.push_back(Probe{atom, record.dispatch, record.delivery->worker});
    else
      out->commands.push_back(Send{atom});
  }
}

const TaskSpec& Engine::Core::task(AtomIndex atom) const {
  BATON_ASSERT(!is_retry(atom));
  return book.plan().tasks[book.plan().atoms[atom].spec];
}

Engine::Engine(std::unique_ptr<Core> core) : core_(std::move(core)) {}
Engine::~Engine() = default;

Result<std::unique_ptr<Engine>, FlowError> Engine::make(PlanPtr plan, Options options, FlowState state,
                                                        std::vector<AtomRecord> atoms, std::uint64_t last_seq,
                                                        std::uint32_t run) {
  BATON_ASSERT(plan != nullptr);
  if (atoms.empty()) atoms.resize(plan->size());
  if (auto problem = check_records(*plan, state, atoms)) return Fail(*std::move(problem));
  if (auto problem = check_policies(*plan, options.user_retries)) return Fail(*std::move(problem));
  auto core =
      std::make_unique<Core>(std::move(plan), std::move(options), state, std::move(atoms), last_seq, run);
  if (auto problem = check_deliveries(core->book)) return Fail(*std::move(problem));
  return std::unique_ptr<Engine>(new Engine(std::move(core)));
}

void Engine::step(TimePoint now, std::span<const Event> events, StepOutput& out) {
  core_->step(now, events, out);
}

bool Engine::may_start(AtomIndex atom) const {
  return core_->may_start(atom);
}

Request Engine::request(AtomIndex atom) const {
  return core_->request(atom);
}

FlowState Engine::state() const {
  return core_->book.state();
}

bool Engine::finished() const {
  return is_final(state()) || state() == FlowState::Suspended;
}

const AtomRecord& Engine::atom(AtomIndex atom) const {
  BATON_ASSERT(atom < core_->book.size());
  return core_->book.atom(atom);
}

const Plan& Engine::plan() const {
  return *core_->plan;
}

std::size_t Engine::done() const {
  const FlowBook& book = core_->book;
  return book.count(AtomState::Success) + book.count(AtomState::Ignore) + book.count(AtomState::Reverted);
}

}  // namespace baton::engine
