#pragma once

#include "common/memory/flow_store.h"
#include "common/memory/job_board.h"
#include "conductor/api/routes.h"
#include "conductor/conductor.h"
#include "tests/simulation/node.h"

namespace baton::simulation {

/// One life of a conductor: the real one, on memory ports.
class ConductorNode final : public Node {
 public:
  ConductorNode(World&, const Who&, const conductor::Bounds&, std::size_t queued_messages_max);
  ~ConductorNode() override;

  const conductor::Inspection& inspect() const { return *conductor_; }
  /// The connection to the store ends and is opened again.
  void break_store();
  /// There is another store at the other end: it is found when the connection is opened anew.
  void sever_store() { wire(Server::Store)->sever(); }

  void lose_next_reply(bool done);
  /// As by HTTP: an answer comes while it lives.
  void ask(const api::Request&, api::Reply);
  /// As by SIGTERM. `gone`: the process ends now.
  void drain(std::function<void()> gone);

  std::string doing() const override;
  bool idle() const override;
  std::string shows() const override;
  void sample(std::map<std::string, Level>&) const override;

 private:
  struct Catalogue;

  void cut_noticed(Server) override;
  void mend_noticed(Server) override;
  void connect_store();

  const conductor::Bounds bounds_;
  const std::size_t queued_messages_max_;
  std::unique_ptr<Catalogue> catalogue_;
  std::unique_ptr<memory::MemoryJobBoard> board_;
  std::unique_ptr<memory::MemoryFlowStore> store_;
  std::unique_ptr<conductor::Conductor> conductor_;
  runtime::Metrics metrics_;
  std::shared_ptr<api::Routes> routes_;
};

}  // namespace baton::simulation
