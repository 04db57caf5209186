#pragma once

#include <optional>
#include <string>
#include <variant>

#include "common/model/fact.h"
#include "common/ports/flow_store.h"

/// What the writer is asked for, one by one; many of them make a transaction.
namespace baton::postgres {

template <class T>
using Done = ports::FlowStore::Done<T>;

struct StepWork {
  ports::StepWrite write;
  FoldedStep folded;
  Done<void> done;
};
struct ClaimWork {
  ports::ClaimRequest request;
  Done<ports::ClaimOutcome> done;
};
struct LoadWork {
  FlowId flow;
  Epoch epoch;
  Done<ports::FlowSnapshot> done;
  std::optional<std::size_t> bytes;  // of what it will bring, at most; not weighed yet: weighed first
};
struct OrderWork {
  ports::OrderRequest request;
  Done<ports::OrderOutcome> done;
};
struct RefusedWork {
  ports::ClaimRequest request;
  ports::Refusal refusal;
  Done<void> done;
};
struct UnreadableWork {
  std::string board_path;
  std::string why;
  Done<void> done;
};
struct RemovedWork {
  JobId job;
  std::uint32_t run = 1;
  Done<void> done;
};
/// A commit for its own sake: the proof that the server takes them.
struct ProofWork {
  Done<void> done;
};
/// On the connection of the claims, so that both speak to the same database.
struct MeetWork {
  std::string board_id;
  std::uint32_t noted = 0;
  Done<ports::BoardStanding> done;
};
struct MarkWork {
  std::string board_id;
  std::int32_t version = 0;
  Done<void> done;
};
struct SweepWork {
  ports::Sweep sweep;
  bool over = false;
  Done<ports::SweepTurn> done;
};
struct FlowFileWork {
  ports::FlowFilePut put;
  Done<ports::FlowFileOutcome> done;
};
using Work = std::variant<StepWork, ClaimWork, LoadWork, OrderWork, RefusedWork, UnreadableWork, RemovedWork,
                          ProofWork, MeetWork, MarkWork, SweepWork, FlowFileWork>;

inline constexpr std::size_t kRowBytes = 200;  // keys, numbers and what surrounds them

/// Two works with one key never share a transaction: one statement cannot change a row twice.
std::string key_of(const Work&);
/// Roughly what it adds to a transaction, or brings from it.
std::size_t bytes_of(const Work&);
/// What it holds of memory while it waits: as much, but a load brings its bytes only when it is run.
std::size_t bytes_held_by(const Work&);
/// Nothing is lost when the transaction that holds only such work is; it may be asked for twice, too.
bool may_be_lost(const Work&);

void finish(Work&, const ports::StoreError&);

}  // namespace baton::postgres
