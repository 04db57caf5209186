#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "common/ports/clock.h"
#include "common/ports/flow_store.h"

namespace baton::local {

/// Where a local run is remembered. Owner's thread only.
class Keeper {
 public:
  using Done = std::function<void(Result<void, ports::StoreError>)>;
  virtual ~Keeper() = default;
  /// One step, whole or not at all; the next one only after `done`. May call `done` at once. After an error
  /// the run's memory is void.
  virtual void keep(ports::StepWrite, Done done) = 0;
  /// Nothing is gained by putting more into one step.
  virtual bool is_immediate() const { return false; }
};

/// What a run that nothing survives leaves for the picture of it.
class MemoryKeeper final : public Keeper {
 public:
  explicit MemoryKeeper(const ports::Clock& clock) : clock_(clock) {}

  void keep(ports::StepWrite, Done done) override;
  bool is_immediate() const override { return true; }

  /// As a store would show it: what an engine could be made of again.
  const std::vector<ports::AtomView>& atoms() const { return atoms_; }
  FlowState state() const { return state_; }
  const std::optional<Failure>& failure() const { return failure_; }

 private:
  void apply(const AtomFact&, TimePoint now);
  void apply(const RangeFact&);

  const ports::Clock& clock_;
  std::vector<ports::AtomView> atoms_;
  FlowState state_ = FlowState::Pending;
  std::optional<Failure> failure_;
};

/// The run of a flow that a store has claimed for this process.
class StoreKeeper final : public Keeper {
 public:
  explicit StoreKeeper(ports::FlowStore& store) : store_(store) {}
  void keep(ports::StepWrite write, Done done) override { store_.append(std::move(write), std::move(done)); }

 private:
  ports::FlowStore& store_;
};

}  // namespace baton::local
