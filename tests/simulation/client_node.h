#pragma once

#include "common/memory/job_board.h"
#include "tests/simulation/node.h"

namespace baton::simulation {

/// The service that posts jobs: each at its time, again until the board has said yes; a rerun when the run
/// before has ended. It must not lose one: when a server may have lost something, it posts again what the
/// database does not know, until it does (docs/lost-servers.md).
class ClientNode final : public Node {
 public:
  ClientNode(World&, const Who&);
  ~ClientNode() override;

  void post_all();
  void look_for_lost();
  /// Every job that was to be posted is.
  bool idle() const override { return unposted_ == 0; }
  std::string doing() const override { return idle() ? "idle" : "posting"; }

 private:
  void post(const ScriptedJob&, std::uint32_t run);
  void post_twice(const ScriptedJob&);
  void await_end(const ScriptedJob&, std::uint32_t run);
  void look_for(const ScriptedJob&);
  void post_again(const ScriptedJob&, std::uint32_t run);

  memory::MemoryJobBoard board_;
  std::size_t unposted_ = 0;
  std::map<JobId, std::uint32_t> posted_;  // the last run
};

}  // namespace baton::simulation
