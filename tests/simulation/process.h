#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "common/memory/event_loop.h"
#include "tests/simulation/dice.h"

namespace baton::simulation {

/// A moment in a process's life at which it can die: before a word to a server leaves, right after it has
/// left, when the server has done it, and when the answer (or another's message) has been dealt with.
enum class Server : std::uint8_t { Store, Bus, Board, Cloud };
enum class Moment : std::uint8_t { Before, Sent, Done, Heard };
struct Step {
  Server server = Server::Store;
  Moment moment = Moment::Before;
  auto operator<=>(const Step&) const = default;
};
std::string to_string(Step);

/// One life of an operating system process: its one thread, its clock, its chance. It can be stopped for a
/// while (nothing of it runs, and what came meanwhile is found at waking), and it can die at any moment: from
/// then on nothing comes from it, whatever of its code is still on the stack.
/// Life: everything that it holds ends before it does. Threads: the loop's.
class Process final : public ports::Executor, public ports::Clock {
 public:
  Process(memory::EventLoop&, std::string name, Dice);

  const std::string& name() const { return name_; }
  ports::Entropy& entropy() { return dice_.entropy(); }

  // ports::Executor, ports::Clock
  void post(std::function<void()> task) override;
  TimePoint wall() const override { return loop_.wall() + wall_off_; }
  Micros steady() const override { return loop_.steady(); }
  ports::TimerId after(Millis delay, std::function<void()> then) override;
  void cancel(ports::TimerId) override;

  bool alive() const { return !dead_; }
  bool stopped() const { return stopped_; }

  // ---- what can happen to it
  void stop() { stopped_ = true; }
  void go_on();
  void kill();
  void jump(Millis by) { wall_off_ += by; }

  /// Asked at each step; may kill it.
  void on_step(std::function<void(Step)> then) { on_step_ = std::move(then); }
  void step(Step);

  memory::EventLoop& loop() { return loop_; }

 private:
  void wake();
  void run();
  void fired(ports::TimerId);

  memory::EventLoop& loop_;
  const std::string name_;
  Dice dice_;
  Micros wall_off_{0};
  bool dead_ = false, stopped_ = false, waking_ = false;
  std::deque<std::function<void()>> tasks_;
  std::map<ports::TimerId, std::function<void()>> timers_;
  std::vector<ports::TimerId> late_;  // came while it was stopped
  std::function<void(Step)> on_step_;
  const std::shared_ptr<const bool> exists_ = std::make_shared<const bool>(true);
};

}  // namespace baton::simulation
