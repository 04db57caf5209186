#include <algorithm>
#include <utility>

#include "worker/task_runner.h"

/// What TaskRunner tells without being asked: what it holds, and answers that nobody has recorded yet. No
/// timer is set while there is nothing to tell: an idle worker sleeps.
namespace baton::worker {

std::function<void()> TaskRunner::guarded(void (TaskRunner::*then)()) {
  return [this, then, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) (this->*then)();
  };
}

void TaskRunner::wake_reports() {
  if (report_timer_ == 0)
    report_timer_ = ports_.clock.after(limits_.report_interval, guarded(&TaskRunner::report_all));
}

void TaskRunner::report_all() {
  report_timer_ = 0;
  if (!queue_.empty() && !session_is_fresh()) hand_back_queued("the ZooKeeper session is silent");
  for (auto& [to, report] : reports()) outbox_.send_report(to, std::move(report));
  if (!running_.empty() || !queue_.empty()) wake_reports();
}

void TaskRunner::report_to(const ReplyTo& to) {
  outbox_.send_report(to, std::move(reports()[to]));
}

/// One for each conductor that has something here; complete, because what is missing in two is sent again.
std::map<ReplyTo, wire::Report> TaskRunner::reports() {
  std::map<ReplyTo, wire::Report> reports;
  const auto hold = [&](const Asked& asked) -> wire::Holding& {
    auto& holdings = reports[asked.reply_to].holdings;
    holdings.emplace_back().delivery = asked.request.delivery;
    return holdings.back();
  };
  for (const auto& [call, key] : running_) {
    const auto& running = memory_.find(key)->now.get<Running>();
    wire::Holding& holding = hold(running.asked);
    TaskProgress progress = ports_.tasks.progress(call);
    holding.started = true;
    holding.running_for = std::chrono::duration_cast<Millis>(ports_.clock.steady() - running.started);
    holding.progress = progress.share;
    holding.progress_note = std::move(progress.note);
  }
  for (const auto& [order, key] : queue_) {
    const KnownAtom& known = *memory_.find(key);
    if (const auto* queued = known.now.get_if<Queued>()) hold(queued->asked);
    if (const auto* running = known.now.get_if<Running>()) hold(running->behind->asked);
  }
  for (auto& [to, report] : reports) {
    report.sequence = ++last_report_;
    report.draining = draining_;
    report.free_slots = limits_.slots - static_cast<std::uint32_t>(running_.size());
  }
  return reports;
}

void TaskRunner::wake_repeats() {
  const auto due = memory_.next_due();
  if (!due || repeat_timer_ != 0) return;
  const Micros left = std::max(Micros{0}, *due - ports_.clock.steady());
  // Rounded up: a timer that fires early finds nothing due.
  repeat_timer_ = ports_.clock.after(std::chrono::ceil<Millis>(left), guarded(&TaskRunner::repeat_answers));
}

void TaskRunner::conductors(const std::vector<ports::Member>& members) {
  conductors_.clear();
  for (const auto& member : members)
    if (member.inbox) conductors_.push_back({member.incarnation, member.inbox->partition});
  std::sort(conductors_.begin(), conductors_.end());
}

/// Whoever asked may be dead, and its flow may have ended elsewhere: then nobody would ever say that the
/// answer is recorded. Any conductor can find out. A flow that goes on has an owner who asks again.
void TaskRunner::readdress(Asked& asked) const {
  if (conductors_.empty() || std::binary_search(conductors_.begin(), conductors_.end(), asked.reply_to))
    return;
  const auto turn = std::hash<FlowId>{}(asked.request.delivery.flow);
  asked.reply_to = conductors_[turn % conductors_.size()];
}

void TaskRunner::repeat_answers() {
  repeat_timer_ = 0;
  for (Answered* answered : memory_.due(ports_.clock.steady())) {
    readdress(answered->asked);
    outbox_.add(answered->asked.reply_to, answered->answer);
  }
  wake_repeats();
}

}  // namespace baton::worker
