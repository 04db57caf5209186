#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <set>
#include <string>

namespace baton::client {

/// "[#####-----] 3/6"; empty while the total is not known (0).
std::string progress_bar(std::int64_t done, std::int64_t total);

/// How far a job is, as its rows of history tell: which atoms are through, and the flow's last state.
class Progress {
 public:
  void take(const boost::json::value& row);
  void set_total(std::int64_t atoms) { total_ = atoms; }  // 0: not known yet

  std::int64_t done() const { return static_cast<std::int64_t>(done_.size()); }
  const std::string& flow_state() const { return flow_state_; }  // empty: none has been seen
  bool ended() const;

  /// "[#####-----] 3/6"; empty while the total is not known.
  std::string bar() const;

 private:
  std::set<std::string> done_;  // names; a retried or reverted atom leaves it
  std::int64_t total_ = 0;
  std::string flow_state_;
};

}  // namespace baton::client
