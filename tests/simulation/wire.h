#pragma once

#include <deque>
#include <functional>
#include <memory>

#include "common/memory/link.h"
#include "tests/simulation/process.h"

namespace baton::simulation {

/// The network between a process and one of its servers: words take their time and keep their order. While
/// it is cut, words are kept until it is whole again (Hold), or those under way are lost (Lose), or some of
/// them come late, when nobody counts on them any more (LoseOrLate: a statement that lay in a socket).
/// What a dead process had said is still on its way; it hears nothing.
class Wire final : public memory::Link, public std::enable_shared_from_this<Wire> {
 public:
  enum class WhenCut { Hold, Lose, LoseOrLate };
  /// What the server is told of who speaks: its name, then "" when it has done what was asked.
  using Speaking = std::function<void(const std::string&)>;

  Wire(Process& process, Server server, WhenCut when_cut, Dice dice, Speaking speaking)
      : process_(&process),
        speaker_(process.name()),
        loop_(process.loop()),
        server_(server),
        when_cut_(when_cut),
        dice_(std::move(dice)),
        speaking_(std::move(speaking)) {}

  void to_server(std::function<void()> arrives) override;
  void to_client(std::function<void()> arrives) override;

  void cut();
  void mend();
  /// A connection ends and another begins: what is under way is lost as in a cut.
  void break_off() { ++connection_; }
  /// At the other end there is another server now: what was said to the one before reaches nobody, and so
  /// does what is said until this side has connected anew.
  void sever();
  bool severed() const { return severed_; }
  void connect() { severed_ = false; }
  bool is_cut() const { return cut_; }
  void slow(Millis most) { slowest_ = most; }
  /// The process's object is about to go: what was held back reaches nobody any more.
  void let_go() {
    process_ = nullptr;
    held_up_.clear();
    held_down_.clear();
  }

 private:
  using Words = std::deque<std::function<void()>>;

  void arrive(std::uint64_t connection, std::uint64_t server, const std::function<void()>&);
  void deliver(std::uint64_t server, const std::function<void()>&);
  void hear(std::uint64_t connection, std::function<void()>);
  bool is_lost(std::uint64_t connection) const { return cut_ || severed_ || connection != connection_; }
  void step(Moment);
  Millis travel(Micros& last);
  bool alive() const { return process_ && process_->alive(); }

  Process* process_;
  const std::string speaker_;
  memory::EventLoop& loop_;
  const Server server_;
  const WhenCut when_cut_;
  Dice dice_;
  const Speaking speaking_;
  bool cut_ = false, severed_ = false;
  std::uint64_t which_server_ = 0;  // it leads to: the one, then another
  std::uint64_t connection_ = 0;    // of wires that hold nothing back
  Millis slowest_{3};
  Micros last_up_{0}, last_down_{0};
  Words held_up_, held_down_;
};

}  // namespace baton::simulation
