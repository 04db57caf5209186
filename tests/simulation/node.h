#pragma once

#include "common/memory/directory.h"
#include "common/memory/message_bus.h"
#include "common/memory/session.h"
#include "tests/simulation/world.h"

namespace baton::simulation {

/// Which life of which process.
struct Who {
  std::string name;
  std::uint64_t number = 0;  // of the process, in the cluster
  int life = 1;
};

/// One life of one process of the cluster, its ways to the servers, and what can happen to them. What a cut
/// means to each client library is here: when it notices, and what it tells.
/// Life: ends by die(); it may be in the middle of its own code then, so its object goes in a later turn.
class Node {
 public:
  Node(World&, const Who&, std::size_t queued_messages_max);
  virtual ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  Process& process() { return process_; }
  const std::string& name() const { return process_.name(); }
  Incarnation incarnation() const { return incarnation_; }
  bool alive() const { return process_.alive(); }

  /// As by kill -9. Returns the session that stands at the server, for a guardian to close (0: none).
  std::uint64_t die();
  void stop();
  void go_on();
  /// Cuts may overlap: a way is whole again when each has been mended.
  void cut(Server);
  void mend(Server);
  bool is_cut(Server server) const { return cuts_[static_cast<std::size_t>(server)] > 0; }
  memory::MemorySession& session() { return session_; }
  void slow_network(Millis most);

  /// What it is doing, for the table of faults: as few different words as tell states apart.
  virtual std::string doing() const = 0;
  /// Nothing is left in its hands.
  virtual bool idle() const = 0;
  /// What it waits for, as it shows it to people; for a run that does not end.
  virtual std::string shows() const { return doing(); }
  virtual void sample(std::map<std::string, Level>&) const;

 protected:
  virtual void cut_noticed(Server) {}
  virtual void mend_noticed(Server) {}
  virtual void connection_broken(Server) {}
  std::shared_ptr<Wire> wire(Server server) { return wires_[static_cast<std::size_t>(server)]; }
  static void raise(std::map<std::string, Level>&, const std::string& what, std::uint64_t now,
                    std::uint64_t bound);

  World& world_;
  Process process_;
  const Incarnation incarnation_;

 private:
  std::array<std::shared_ptr<Wire>, 4> wires_;
  std::array<int, 4> cuts_{};

 protected:
  memory::MemorySession session_;
  memory::MemoryDirectory directory_;
  std::unique_ptr<memory::MemoryMessageBus> bus_;
};

}  // namespace baton::simulation
