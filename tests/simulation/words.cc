#include "tests/simulation/words.h"

#include <array>

namespace baton::simulation {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

/// The generation and the number within it.
std::string number_words(Dispatch dispatch) {
  return std::to_string(dispatch >> 32) + "." + std::to_string(dispatch & 0xffffffff);
}

std::string atom_words(const AtomFact& fact, const engine::Plan& plan) {
  const AtomRecord& after = fact.after;
  std::string text = plan.name(fact.atom) + " ";
  text += fact.from == after.state ? std::string(to_string(after.intention))
                                   : std::string(to_string(after.state));
  if (plan.kind(fact.atom) == engine::AtomKind::Task)
    text += "#" + std::to_string(after.attempt) + "/" + number_words(after.dispatch);
  if (after.delivery) text += "@" + after.delivery->worker_name;
  if (after.failure && (fact.changed & kFailureChanged)) text += " of " + after.failure->type;
  if (!fact.note.empty()) text += " (" + fact.note + ")";
  return text;
}

std::string range_words(const RangeFact& range, const engine::Plan& plan) {
  return plan.name(range.first) + ".." + plan.name(range.first + range.count - 1) + " " +
         std::string(to_string(range.intention)) + (range.reset ? " reset" : "");
}

std::string answer_words(const wire::Answer& answer) {
  static constexpr std::array kNone{"busy", "refused", "unsupported", "not started", "closed"};
  std::string text = simulation::words(answer.delivery) + " ";
  if (const auto* failure = std::get_if<Failure>(&answer.what)) return text + "failed: " + failure->type;
  if (const auto* none = std::get_if<wire::NotRun>(&answer.what))
    return text + kNone[static_cast<std::size_t>(none->kind)] + ": " + none->why;
  return text + "succeeded";
}

template <class All, class Say>
std::string list(const All& all, Say say) {
  std::string text;
  for (const auto& one : all) text += (text.empty() ? "" : ", ") + say(one);
  return text;
}

}  // namespace

std::string words(const Epoch& epoch) {
  return "e" + std::to_string(epoch.generation) + "." + std::to_string(epoch.lock_czxid);
}

std::string words(ports::ClaimVerdict verdict) {
  static constexpr std::array kWords{"owned", "already final", "duplicate", "other content", "refused"};
  return kWords[static_cast<std::size_t>(verdict)];
}

std::string words(const Fact& fact, const engine::Plan& plan) {
  if (const auto* atom = std::get_if<AtomFact>(&fact.body)) return atom_words(*atom, plan);
  if (const auto* range = std::get_if<RangeFact>(&fact.body)) return range_words(*range, plan);
  const auto& flow = std::get<FlowFact>(fact.body);
  return std::string(to_string(flow.state)) + (flow.note.empty() ? "" : " (" + flow.note + ")");
}

std::string words(const wire::DeliveryId& id) {
  return id.atom + " " + std::string(to_string(id.intention)) + "#" + std::to_string(id.attempt) + "/" +
         number_words(id.dispatch);
}

std::string words(const wire::Message& message, const Trace& trace) {
  const std::string body = std::visit(
      Overloaded{[](const wire::Requests& sent) {
                   return "run " + list(sent.requests, [](const auto& one) { return words(one.delivery); });
                 },
                 [](const wire::Cancel& sent) { return "cancel " + words(sent.delivery); },
                 [](const wire::Probe& sent) { return "probe " + words(sent.delivery); },
                 [](const wire::Recorded& sent) {
                   return "recorded " + list(sent.deliveries, [](const auto& one) { return words(one); });
                 },
                 [](const wire::Answers& sent) {
                   return list(sent.answers, [](const auto& one) { return answer_words(one); });
                 },
                 [](const wire::Report& sent) {
                   return "holds " + list(sent.holdings, [](const auto& one) { return words(one.delivery); });
                 },
                 [](const wire::Echo&) { return std::string("echo"); }},
      message.body);
  return trace.of(message.from) + " to " + trace.of(message.to) + ": " + body;
}

std::string kind_of(const wire::Message& message) {
  static constexpr std::array kKinds{"requests", "cancel", "probe", "recorded", "answers", "report", "echo"};
  if (const auto* requests = std::get_if<wire::Requests>(&message.body))
    return requests->requests.front().delivery.intention == Intention::Revert ? "revert requests"
                                                                              : "execute requests";
  return kKinds[message.body.index()];
}

}  // namespace baton::simulation
