#include "local/beginning.h"

#include <algorithm>
#include <cstring>

namespace baton::local {
namespace {

std::uint64_t seed_of(const FlowId& flow) {
  std::uint64_t seed = 0;
  std::memcpy(&seed, flow.value.bytes.data(), sizeof seed);
  return seed;
}

engine::Event asked_run(const ports::OrderRecord& asked) {
  const Order& order = asked.order;
  const auto how = order.keep ? engine::RunAsked::How::Keep : engine::RunAsked::How::Anew;
  return engine::RunAsked{how, order.who, order.why, {}, asked.id, {}};
}

/// Charged is only a loss of what the last process must have begun. Not where it had recorded more than there
/// are slots: some of that never ran, and the next process, which records no more than that at first, will
/// tell. Nor what was lost before and has waited for its place again.
void add_lost_deliveries(const engine::Engine& engine, std::uint32_t slots,
                         std::vector<engine::Event>& events) {
  Incarnation last_process;
  std::uint64_t last_seq = 0;
  std::vector<AtomIndex> lost;
  for (AtomIndex atom = 0; atom < engine.plan().size(); ++atom) {
    const AtomRecord& record = engine.atom(atom);
    if (!record.delivery) continue;
    lost.push_back(atom);
    if (record.seq >= last_seq) last_seq = record.seq, last_process = record.delivery->worker;
  }
  const auto is_last_ones = [&](AtomIndex atom) {
    return engine.atom(atom).delivery->worker == last_process;
  };
  const auto placed = std::count_if(lost.begin(), lost.end(), is_last_ones);
  const bool all_ran = static_cast<std::size_t>(placed) <= slots;
  for (const AtomIndex atom : lost)
    events.emplace_back(engine::DeliveryLost{atom, engine.atom(atom).dispatch,
                                             "the process that ran it has ended",
                                             all_ran && is_last_ones(atom)});
}

}  // namespace

Result<std::unique_ptr<engine::Engine>, engine::FlowError> make_engine(const Beginning& beginning,
                                                                       const engine::UserRetries* retries) {
  engine::Options options;
  options.seed = seed_of(beginning.flow);
  options.user_retries = retries;
  return engine::Engine::make(beginning.plan, options, beginning.state, beginning.atoms, beginning.last_seq,
                              beginning.run);
}

std::vector<engine::Event> first_events(const Beginning& beginning, const engine::Engine& engine,
                                        std::uint32_t slots, const std::string& name) {
  std::vector<engine::Event> events{engine::Started{beginning.epoch.generation}};
  if (beginning.asked) events.push_back(asked_run(*beginning.asked));
  if (beginning.state == FlowState::Suspended || beginning.state == FlowState::Suspending)
    events.emplace_back(engine::ResumeAsked{name, "gone on with"});
  add_lost_deliveries(engine, slots, events);
  return events;
}

}  // namespace baton::local
