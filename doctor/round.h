#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/model/time.h"

namespace baton::doctor {

/// Writes down what came; called on the thread that runs the round.
using Record = std::function<void()>;

/// A question to somebody who may never answer.
struct Ask {
  std::string what;             // "Postgres 127.0.0.1:5432/baton"
  std::function<Record()> ask;  // on a thread of its own, which may outlive the round: it holds copies only
  std::function<void(const std::string& why)> if_missed;  // instead: that took too long, or ended otherwise
};

struct Progress {
  std::size_t answered = 0, asked = 0;
  std::vector<std::string> waiting_for;
};

/// Asks all at once and waits for each at most for the deadline.
/// Life: add(), then run() once; a Record may add() more meanwhile.
/// Threads: run()'s caller; one a question. A thread that is late is left to itself and ends unheard: who
/// ends the process while there are any (late() > 0) must not run static destructors.
class Round {
 public:
  explicit Round(Millis deadline);
  ~Round();
  Round(const Round&) = delete;
  Round& operator=(const Round&) = delete;

  void add(Ask);
  /// `show` is called whenever somebody has answered or been given up.
  void run(const std::function<void(const Progress&)>& show);
  std::size_t late() const { return late_; }

 private:
  struct Answer;
  struct Answers;
  struct Waiting;
  void take(const Answer&);
  void give_up_late();
  Progress progress() const;

  const Millis deadline_;
  const std::shared_ptr<Answers> answers_;
  std::vector<Waiting> waiting_;
  std::size_t asked_ = 0, late_ = 0;
};

}  // namespace baton::doctor
