/// What people ask of the jobs of a FlowDatabase.
#include <algorithm>

#include "common/memory/flow_database.h"
#include "common/ports/history_data.h"

namespace baton::memory {

using ports::OrderRecord;
using ports::OrderVerdict;
using ports::StoreError;
using ports::StoreErrorCode;

namespace {

bool is_open(const OrderRecord& order) {
  return !order.taken_at;
}

/// What a new owner is to know: it is open, or a cancel that was carried out.
bool is_in_force(const OrderRecord& order) {
  return is_open(order) || (order.order.kind == OrderKind::Cancel && order.no_effect.empty());
}

bool same_run(const Order& a, const Order& b) {
  return a.kind == b.kind && a.keep == b.keep && a.atom == b.atom && a.result == b.result;
}

}  // namespace

template <class Wanted>
std::vector<OrderRecord> FlowDatabase::orders_that(Wanted wanted, const JobId& job) const {
  std::vector<OrderRecord> found;
  const auto all = orders_.find(job);
  if (all != orders_.end())
    std::copy_if(all->second.begin(), all->second.end(), std::back_inserter(found), wanted);
  return found;
}

std::vector<OrderRecord> FlowDatabase::open_orders_of(const JobId& job) const {
  return orders_that(is_open, job);
}

std::vector<OrderRecord> FlowDatabase::orders_in_force(const JobId& job, std::uint32_t run) const {
  return orders_that([run](const OrderRecord& order) { return order.run == run && is_in_force(order); }, job);
}

bool FlowDatabase::is_cancelling(const Job& job) const {
  if (is_final(job.summary.state)) return false;
  const auto orders = orders_in_force(job.summary.uuid, job.summary.run);
  return std::any_of(orders.begin(), orders.end(),
                     [](const OrderRecord& order) { return order.order.kind == OrderKind::Cancel; });
}

/// Which run it is for; 0: none.
std::uint32_t FlowDatabase::run_for(const Job* job, const ports::OrderRequest& request) {
  const bool begins = begins_run(request.order.kind);
  if (!job) return begins ? 0 : request.run_on_board;
  const FlowState state = job->summary.state;
  const std::uint32_t run = job->summary.run;
  if (begins) return is_final(state) && state != FlowState::Trashed ? run + 1 : 0;
  if (!is_final(state)) return run;
  return request.run_on_board > run ? request.run_on_board : 0;
}

/// An order that begins that run and that nobody has taken yet.
const OrderRecord* FlowDatabase::run_asked(const JobId& job, std::uint32_t run) const {
  const auto found = orders_.find(job);
  if (found == orders_.end()) return nullptr;
  for (const OrderRecord& order : found->second)
    if (order.run == run && is_open(order) && begins_run(order.order.kind)) return &order;
  return nullptr;
}

FlowDatabase::Outcome<ports::OrderOutcome> FlowDatabase::order(const ports::OrderRequest& request,
                                                               TimePoint now) {
  const auto found = jobs_.find(request.job);
  const Job* job = found == jobs_.end() ? nullptr : &found->second;
  ports::OrderOutcome outcome;
  if (job) outcome.state = job->summary.state, outcome.run = job->summary.run;
  const bool begins = begins_run(request.order.kind);
  const std::uint32_t run = run_for(job, request);
  const auto say = [&](OrderVerdict verdict) {
    outcome.verdict = verdict;
    return outcome;
  };
  if (!job && run == 0) return say(OrderVerdict::UnknownJob);
  if (job && request.last_run != 0 && request.last_run != outcome.run) return say(OrderVerdict::OtherRun);
  if (run == 0) return say(begins && !is_final(outcome.state) ? OrderVerdict::AtWork : OrderVerdict::Ended);
  if (const auto* before = begins ? run_asked(request.job, run) : nullptr) {
    outcome.record = *before;
    return say(same_run(before->order, request.order) ? OrderVerdict::Recorded : OrderVerdict::RunAsked);
  }
  if (open_orders_of(request.job).size() >= kOrdersOpenMax) return say(OrderVerdict::TooMany);
  if (request.dry_run) {
    outcome.record = {0, request.job, run, request.order, now, {}, {}};
    return say(OrderVerdict::Recorded);
  }
  outcome.record = {++last_order_, request.job, run, request.order, now, {}, {}};
  orders_[request.job].push_back(outcome.record);
  journal(&Journal::order_changed, outcome.record);
  if (job) tell_order(*job->summary.flow);
  return say(OrderVerdict::Recorded);
}

void FlowDatabase::on_order(std::weak_ptr<const bool> while_alive, HeardOrder heard) {
  order_listeners_.emplace_back(std::move(while_alive), std::move(heard));
}

void FlowDatabase::tell_order(const FlowId& flow) {
  std::erase_if(order_listeners_, [](const auto& listener) { return listener.first.expired(); });
  for (const auto& [alive, heard] : order_listeners_) heard(flow);
}

FlowDatabase::Outcome<std::vector<ports::FlowOrder>> FlowDatabase::open_orders(
    const std::vector<FlowId>& flows) const {
  std::vector<ports::FlowOrder> found;
  for (const FlowId& flow : flows) {
    const auto job = job_by_flow_.find(flow);
    if (job == job_by_flow_.end()) continue;
    for (OrderRecord& order : open_orders_of(job->second))
      if (order.run == jobs_.at(job->second).summary.run) found.push_back({flow, std::move(order)});
  }
  return found;
}

FlowDatabase::Outcome<ports::OrderPage> FlowDatabase::orders(const JobId& job, std::uint32_t limit) const {
  const auto found = orders_.find(job);
  if (found == orders_.end() && !jobs_.contains(job))
    return Fail(StoreError{StoreErrorCode::NotFound, "no job " + job.value});
  ports::OrderPage page;
  if (found == orders_.end()) return page;
  page.orders.assign(found->second.rbegin(), found->second.rend());
  page.more = page.orders.size() > limit;
  if (page.more) page.orders.resize(limit);
  return page;
}

/// Every order of the step is there and open; one that ends the flow leaves none open.
bool FlowDatabase::orders_fit(const Job& job, const ports::StepWrite& write, const FoldedStep& step) const {
  const auto open = open_orders_of(job.summary.uuid);
  const auto takes = [&](const OrderRecord& order) {
    return std::any_of(write.orders.begin(), write.orders.end(),
                       [&](const ports::TakenOrder& taken) { return taken.record.id == order.id; });
  };
  for (const ports::TakenOrder& taken : write.orders)
    if (std::none_of(open.begin(), open.end(),
                     [&](const OrderRecord& order) { return order.id == taken.record.id; }))
      return false;
  if (step.flow.empty() || !is_final(std::get<FlowFact>(step.flow.back().body).state)) return true;
  return std::all_of(open.begin(), open.end(),
                     [&](const OrderRecord& order) { return order.run != job.summary.run || takes(order); });
}

void FlowDatabase::take_order(Job& job, const ports::TakenOrder& taken, TimePoint now) {
  for (OrderRecord& order : orders_[job.summary.uuid])
    if (order.id == taken.record.id) {
      order.taken_at = now;
      order.no_effect = taken.no_effect;
      journal(&Journal::order_changed, order);
    }
  ports::HistoryRow row;
  row.order = ports::HistoryOrder{taken.record.id, taken.record.order, taken.no_effect};
  tell(job, std::move(row), now);
}

/// No flow is left that could take them.
void FlowDatabase::drop_orders(const Job& job, const std::string& why, TimePoint now,
                               const std::function<bool(std::uint32_t run)>& of_run) {
  for (OrderRecord& order : orders_[job.summary.uuid])
    if (of_run(order.run) && is_open(order)) {
      order.taken_at = now;
      order.no_effect = why;
      journal(&Journal::order_changed, order);
    }
}

}  // namespace baton::memory
