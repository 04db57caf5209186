#pragma once

#include <sys/types.h>

#include <array>
#include <boost/json.hpp>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "common/model/atom_record.h"
#include "engine/flow.h"

namespace baton::conformance {

/// What a task's last revert was given.
struct LastRevert {
  boost::json::value result;
  boost::json::object arguments;
};

/// Calls of the atoms over the whole life of a case, in the order in which they began. A call is
/// "execute:<atom>" or "revert:<atom>", "#n" appended for the nth one, n > 1.
class CallLog {
 public:
  std::size_t begin(const std::string& atom, Intention);  // counts from 1
  void take_back(const std::string& atom, Intention);     // the last one never happened
  std::size_t count(const std::string& atom, Intention) const;
  const std::vector<std::string>& calls() const { return calls_; }

 private:
  std::map<std::pair<std::string, Intention>, std::size_t> counts_;
  std::vector<std::string> calls_;
};

/// What a run showed.
struct Observed {
  std::optional<engine::FlowError> error;
  std::vector<std::string> run_states;
  std::vector<std::map<std::string, std::string>> suspended;  // atom states at each SUSPENDED
  std::map<std::string, AtomRecord> atoms;
  CallLog calls;
  std::map<std::string, std::vector<std::string>> asked;
  std::map<std::string, LastRevert> last_reverts;
  std::vector<std::string> defects;  // of the engine itself: live and stored state differ, an illegal move, …
};

/// What the runner really did, over all cases.
struct Deeds {
  std::size_t executed = 0, reverted = 0, messages = 0, commits = 0, facts = 0, crashes = 0, suspends = 0,
              threads_max = 0;
  static constexpr std::size_t kProcessesMax = 1024;  // more are not counted
  std::size_t processes = 0;                          // that calls ran in …
  std::array<pid_t, kProcessesMax> pids{};            // … these

  void saw_process(pid_t);
  void add(const Deeds&);
};

/// Failures of scripts, and those of what ended in time or by a cancel, are shown as FORMAT.md shows them:
/// {"$failure": true}.
boost::json::value shown(const boost::json::value&);
inline constexpr const char* kScriptedFailure = "Scripted";

}  // namespace baton::conformance
