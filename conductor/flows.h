#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/ports/executor.h"
#include "common/ports/order_record.h"
#include "common/wire/messages.h"
#include "conductor/alive.h"
#include "engine/event.h"

namespace baton::conductor {

/// One flow at work here, as the parts that serve all flows see it. Nothing below steps inline: events wait
/// until Flows lets the flow step.
class FlowInbox {
 public:
  virtual ~FlowInbox() = default;
  /// `from`: the worker whose answer this is; it is told when the outcome is recorded.
  virtual void take(engine::Event, Incarnation from = {}) = 0;
  /// What somebody has asked of it. Perhaps not for the first time.
  virtual void order(const ports::OrderRecord&) = 0;
  /// Placement has room for an atom that waited, and has counted it there.
  virtual void grant(AtomIndex, Incarnation worker, const std::string& worker_name) = 0;
  virtual bool may_start(AtomIndex) const = 0;
  virtual AtomIndex find(std::string_view atom) const = 0;  // kNoAtom: none of that name
  /// The open delivery's request, if that dispatch is still open.
  virtual std::optional<wire::Request> request(AtomIndex, Dispatch) const = 0;
  /// The atom has a timeout that begins when the worker does.
  virtual bool wants_start(AtomIndex) const = 0;
  /// All that waits goes into one step and one commit.
  virtual void step() = 0;
};

/// The flows at work here, by id, and those of them that have something to step. What is touched in one turn
/// of the loop is stepped once, at the turn's end or when the inbox has been drained. Owner's thread only.
class Flows {
 public:
  explicit Flows(ports::Executor& executor) : executor_(executor) {}

  void add(const FlowId& id, FlowInbox& flow);
  void remove(const FlowId& id);
  FlowInbox* find(const FlowId& id) const;
  std::vector<FlowId> ids() const;
  void touch(const FlowId& id);
  void step_touched();

 private:
  ports::Executor& executor_;
  std::map<FlowId, FlowInbox*> flows_;
  std::vector<FlowId> touched_;  // a flow touches once until it is stepped (FlowHost knows)
  bool posted_ = false;
  Alive alive_;
};

}  // namespace baton::conductor
