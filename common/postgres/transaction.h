#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/postgres/connection.h"
#include "common/postgres/work.h"

namespace baton::postgres {

/// A transaction put together: its statements, and who reads what each returned once it has committed.
class Transaction {
 public:
  using Reader = std::function<void(const ResultSet&)>;

  void add(const StatementText& text, std::vector<std::optional<std::string>> parameters,
           Reader reader = {}) {
    statements_.push_back({&text, std::move(parameters)});
    readers_.push_back(std::move(reader));
  }
  bool empty() const { return statements_.empty(); }
  std::vector<Statement> take_statements() { return std::move(statements_); }
  void read(const std::vector<ResultSet>& results) const {
    for (std::size_t i = 0; i < readers_.size(); ++i)
      if (readers_[i]) readers_[i](results[i]);
  }

 private:
  std::vector<Statement> statements_;
  std::vector<Reader> readers_;
};

/// The statements of each kind of work, in the order in which they must stand. The works must stay where they
/// are until the transaction has ended; their `done` is called when its results are read.
void add_meetings(Transaction&, std::span<MeetWork*>, const std::string& origin);
void add_marks(Transaction&, std::span<MarkWork*>, const std::string& origin);
void add_sweeps(Transaction&, std::span<SweepWork*>);
void add_claims(Transaction&, std::span<ClaimWork*>, std::span<RefusedWork*>, const std::string& origin);
/// Before claims and orders of these jobs: whoever finds a job without rows has it alone.
void add_new_job_locks(Transaction&, const std::vector<std::string_view>& jobs);
void add_orders(Transaction&, std::span<OrderWork*>);
/// Those that are not weighed yet are weighed only: their `done` is left to the next transaction.
void add_loads(Transaction&, std::span<LoadWork*>);
void add_steps(Transaction&, std::span<StepWork*>);
void add_unreadable(Transaction&, std::span<UnreadableWork*>);
void add_removed(Transaction&, std::span<RemovedWork*>);
void add_flow_files_put(Transaction&, std::span<FlowFileWork*>);
void add_proofs(Transaction&, std::span<ProofWork*>);
/// This transaction does not wait for the disk.
void add_no_wait(Transaction&);
/// The statements behind it may take so long each.
void add_patience(Transaction&, Millis);

/// Whether Postgres takes these texts as JSON.
void add_probe(Transaction&, std::span<const std::string> texts);

/// SQLSTATE of refuse_steps().
inline constexpr const char* kStepsRefused = "BT001";

}  // namespace baton::postgres
