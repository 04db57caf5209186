#pragma once

#include <boost/json/value.hpp>
#include <functional>
#include <string>

#include "client/http_client.h"

namespace baton::client {

/// The conductor, its database or its board has no time now.
bool may_pass(unsigned status);

/// A job's rows as they come over the API, stream after stream: each goes on behind the last row.
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

  JobRows(const HttpClient&, const std::string& job_target);

  /// One stream, until it ends or `on_row` says false.
  Read read(const OnRow& on_row);

  const std::string& last_id() const { return last_id_; }
  bool heard() const { return heard_; }  // the last stream brought something, if only a comment
  const Answer& answer() const { return answer_; }
  const std::string& why() const { return why_; }

 private:
  Read judge(const Result<Answer, Unreachable>&, bool ended);

  const HttpClient& http_;
  const std::string target_;
  std::string last_id_ = "0", why_ = "nothing came";
  Answer answer_;
  bool heard_ = false;
};

}  // namespace baton::client
