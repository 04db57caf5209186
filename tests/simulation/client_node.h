#pragma once

#include "common/memory/job_board.h"
#include "tests/simulation/node.h"

namespace baton::simulation {

/// The service that posts jobs: each at its time, again until the board has said yes; a rerun when the run
/// before has ended.
class ClientNode final : public Node {
 public:
  ClientNode(World&, const Who&);
  ~ClientNode() override;

  void post_all();
  /// Every job that was to be posted is.
  bool idle() const override { return unposted_ == 0; }
  std::string doing() const override { return idle() ? "idle" : "posting"; }
  /// What is not in the database yet is nowhere else than on the board.
  const std::set<JobId>& posted() const { return posted_; }

 private:
  void post(const ScriptedJob&, std::uint32_t run);
  void post_twice(const ScriptedJob&);
  void await_end(const ScriptedJob&, std::uint32_t run);

  memory::MemoryJobBoard board_;
  std::size_t unposted_ = 0;
  std::set<JobId> posted_;
};

}  // namespace baton::simulation
