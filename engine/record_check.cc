#include "engine/record_check.h"

#include <string>

#include "engine/symbol_lookup.h"

namespace baton::engine {
namespace {

FlowError misfit(const Plan& plan, const std::string& what) {
  return {"restore",
          "Invalid",
          "flow '" + plan.flow_name() + "': its stored records do not fit its plan: " + what +
              "\n  hint: the rows of table atoms and the plan of table flows belong together; restore both",
          {}};
}

}  // namespace

std::optional<FlowError> check_records(const Plan& plan, FlowState state,
                                       const std::vector<AtomRecord>& atoms) {
  if (state == FlowState::Rejected || state == FlowState::Trashed || state == FlowState::Resuming)
    return misfit(plan, "no flow that has run is " + std::string(to_string(state)));
  if (atoms.size() != plan.size())
    return misfit(plan,
                  std::to_string(atoms.size()) + " records for " + std::to_string(plan.size()) + " atoms");
  for (AtomIndex i = 0; i < atoms.size(); ++i) {
    const AtomRecord& atom = atoms[i];
    const auto told = [&](const std::string& what) {
      return misfit(plan, "atom '" + plan.name(i) + "' is " + std::string(to_string(atom.state)) + what);
    };
    const bool retry = plan.kind(i) == AtomKind::Retry;
    if (!retry && atom.history && !atom.history->empty())
      return told(" and a task, but has a retry's history");
    if (!retry && atom.state == AtomState::Retrying) return told(", but a task");
    if (retry && atom.delivery) return told(" and a retry, but has a delivery");
    if (atom.delivery && atom.state != AtomState::Running && atom.state != AtomState::Reverting)
      return told(", but has a delivery");
    if (retry && atom.state == AtomState::Success && (!atom.history || atom.history->empty()))
      return told(" and a retry, but has no history");
    if (atom.state == AtomState::Failure && !atom.failure) return told(", but has no failure");
    if (atom.state != AtomState::Pending && atom.state != AtomState::Ignore && atom.attempt == 0)
      return told(", but has no attempt");
  }
  return std::nullopt;
}

std::optional<FlowError> check_policies(const Plan& plan, const UserRetries* users) {
  for (const RetrySpec& retry : plan.data().retries) {
    if (retry.policy != RetryPolicy::User || (users && users->knows(retry.user_policy))) continue;
    return FlowError{"restore",
                     "UnknownPolicy",
                     "flow '" + plan.flow_name() + "': no module that is loaded here has the retry policy '" +
                         retry.user_policy +
                         "'\n  hint: start a conductor with that module; this one leaves the flow alone",
                     {}};
  }
  return std::nullopt;
}

std::optional<FlowError> check_deliveries(const FlowBook& book) {
  for (AtomIndex atom = 0; atom < book.size(); ++atom) {
    const AtomRecord& record = book.atom(atom);
    if (!record.delivery) continue;
    const Intention call = record.state == AtomState::Running ? Intention::Execute : Intention::Revert;
    if (const auto refused = arguments_refused(book, atom, call))
      return misfit(*book.plan_ptr(),
                    "a delivery of '" + book.plan().name(atom) + "' is open, but: " + refused->message);
  }
  return std::nullopt;
}

}  // namespace baton::engine
