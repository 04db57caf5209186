#pragma once

#include <boost/json/value.hpp>
#include <chrono>
#include <functional>
#include <string>

#include "client/http_client.h"

namespace baton::client {

/// The conductor, its database or its board has no time now.
bool may_pass(unsigned status);

/// How often in a row streams may break off that bring nothing, not even a comment, and the pause before the
/// next one: a conductor that starts again needs a moment.
struct Patience {
  int breaks_max = 20;
  std::chrono::milliseconds pause{500};
};

/// A job's rows as they come over the API, stream after stream: each goes on behind the last row.
/// `while (rows.again()) rows.read(…)`.
class JobRows {
 public:
  enum class Read {
    Stopped,  // on_row said so
    All,      // the conductor said that no row follows: only then a job that has ended is told to its end
    Broken,   // it broke off, or nobody can give it now: why()
    Refused,  // answer() says why
    Garbled   // what came is no conductor's: why()
  };
  using OnRow = std::function<bool(const std::string& id, const boost::json::value& row)>;

  JobRows(const HttpClient&, const std::string& job_target, Patience = {});

  /// Whether there is to be one stream more; waits where one has broken off. False: why().
  bool again();
  /// What broke off until now is not counted.
  void forget_breaks() { breaks_ = 0; }
  /// One stream, until it ends or `on_row` says false.
  Read read(const OnRow& on_row);

  const Answer& answer() const { return answer_; }
  const std::string& why() const { return why_; }

 private:
  Read judge(const Result<Answer, Unreachable>&, bool ended);

  const HttpClient& http_;
  const std::string target_;
  const Patience patience_;
  std::string last_id_ = "0", why_;
  Answer answer_;
  int breaks_ = 0;
  bool begun_ = false;
};

}  // namespace baton::client
