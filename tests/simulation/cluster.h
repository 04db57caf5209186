#pragma once

#include "tests/simulation/client_node.h"
#include "tests/simulation/conductor_node.h"
#include "tests/simulation/worker_node.h"

namespace baton::simulation {

/// N conductors, M workers and a client on one world: their lives, one after the other.
class Cluster {
 public:
  struct Seat {
    Who who;
    bool conducts = false;
    std::set<std::string> types;  // of a worker
    std::unique_ptr<Node> node;   // null: not started, or its object has gone after its death
    bool returning = false;       // a start is under way
    int told_to_end = 0;          // the life that was
  };

  explicit Cluster(World&);
  ~Cluster();

  void start();
  World& world() { return world_; }
  const std::vector<std::unique_ptr<Seat>>& seats() const { return seats_; }
  ClientNode& client() { return *client_; }
  ConductorNode* conductor_at(Seat& seat) const;
  WorkerNode* worker_at(Seat& seat) const;
  std::vector<Node*> living() const;

  /// Asked at each step of each process.
  void on_step(std::function<void(Seat&, Step)> then) { on_step_ = std::move(then); }

  /// Told of each process that is started.
  void on_start(std::function<void(Seat&)> then) { on_start_ = std::move(then); }

  /// How a death becomes known: at once by a supervisor that notes it and closes the session, or not before
  /// the session has been silent for too long.
  enum class Known { Noted, Closed, Late };
  void kill(Seat&, Known);
  void start(Seat&, Millis after);
  /// Is told to stop, and started again when it has ended. A worker's tasks may take so long to end.
  void drain(Seat&, Millis deadline);

  /// Every job has ended, nothing is on the board, nobody works on anything.
  bool quiet() const;
  void sample();
  bool is_empty() const;  // … and nothing is kept, as of the last sample

 private:
  void make(Seat&);
  void left(Seat&, int life);
  std::unique_ptr<Node> make_node(const Seat&);

  World& world_;
  Dice dice_;
  conductor::Bounds bounds_;
  worker::RunnerLimits limits_;
  std::vector<std::unique_ptr<Seat>> seats_;
  std::unique_ptr<ClientNode> client_;
  std::function<void(Seat&, Step)> on_step_;
  std::function<void(Seat&)> on_start_;
};

}  // namespace baton::simulation
