#include "conductor/orders.h"

#include "common/model/assert.h"

namespace baton::conductor {
namespace {

engine::RunAsked::How how_of(const Order& order) {
  using How = engine::RunAsked::How;
  if (order.kind == OrderKind::RetryAtom) return How::RetryAtom;
  if (order.kind == OrderKind::SkipAtom) return How::SkipAtom;
  if (order.kind == OrderKind::MarkDone) return How::MarkDone;
  return order.keep ? How::Keep : How::Anew;
}

}  // namespace

engine::Event event_of(const ports::OrderRecord& record) {
  const Order& order = record.order;
  switch (order.kind) {
    case OrderKind::Suspend:
      return engine::SuspendAsked{order.who, order.why, record.id};
    case OrderKind::Resume:
      return engine::ResumeAsked{order.who, order.why, record.id};
    case OrderKind::Cancel:
      if (record.taken_at) return engine::CancelAsked{order.who, order.why, order.keep, 0, true};
      return engine::CancelAsked{order.who, order.why, order.keep, record.id, false};
    case OrderKind::Rerun:
    case OrderKind::RetryAtom:
    case OrderKind::SkipAtom:
    case OrderKind::MarkDone:
      return engine::RunAsked{how_of(order), order.who, order.why, order.atom, record.id, order.result};
  }
  BATON_ASSERT(false);
  return {};
}

void Orders::heard(const FlowId& flow) {
  if (flows_.find(flow) && wanted_.insert(flow).second) ask();
}

void Orders::missed() {
  for (const FlowId& flow : flows_.ids()) wanted_.insert(flow);
  ask();
}

void Orders::ask() {
  std::erase_if(wanted_, [this](const FlowId& flow) { return !flows_.find(flow); });
  if (asking_ || wanted_.empty()) return;
  asking_ = true;
  std::vector<FlowId> asked;
  while (!wanted_.empty() && asked.size() < ports::kFlowsAskedMax)
    asked.push_back(wanted_.extract(wanted_.begin()).value());
  store_.open_orders(asked, alive_.guard([this, asked](const Found& answer) { found(asked, answer); }));
}

void Orders::found(const std::vector<FlowId>& asked, const Found& answer) {
  if (!answer.ok()) {
    wanted_.insert(asked.begin(), asked.end());
    clock_.after(bounds_.probe_pause, alive_.guard([this] {
      asking_ = false;
      ask();
    }));
    return;
  }
  asking_ = false;
  for (const auto& [flow, record] : *answer)
    if (auto* inbox = flows_.find(flow)) inbox->order(record);
  ask();
}

}  // namespace baton::conductor
