#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/model/states.h"
#include "engine/plan.h"

namespace baton::conformance {

/// What an atom does when it is called (FORMAT.md, SCRIPT).
struct Script {
  std::size_t fail_first = 0;
  std::size_t revert_fail_first = 0;
  std::size_t silent_first = 0;  // executions that start and never end by themselves
  Value result;
  bool echo = false;
  std::vector<Value> result_seq;
  double slow_seconds = 0;
};

/// The nth entry of an atom into a state, within one engine's life.
struct Point {
  std::string atom;
  AtomState state = AtomState::Pending;
  std::size_t nth = 1;
};

/// A cancel, as an order that comes at the POINT like a suspension's.
struct CancelPoint {
  Point at;
  bool keep = false;
};

/// What a case sets of the engine's options; inject_transient says where TaskFlow keeps injected values and
/// has no effect here.
struct CaseOptions {
  bool defer_reverts = false;
  bool never_resolve = false;
};

/// One line of a corpus. `expect` stays JSON: it is only compared. Beyond FORMAT.md, for what TaskFlow has
/// not (docs/conformance.md): `cancel`, a script's `silent_first`, and the retry policy "scripted".
struct Case {
  std::string id, title;
  Value flow;  // as it stands; whether it can be read is for the engine to say
  engine::Symbols store;
  std::map<std::string, Script> script;
  CaseOptions options;
  std::vector<Point> crashes, suspends;
  std::optional<CancelPoint> cancel;
  std::size_t runs = 1;
  bool concurrent = false;
  std::set<std::string> tags;
  boost::json::object expect;
};

/// Throws std::runtime_error on a line that is no case: not JSON, an unknown member anywhere but in the flow,
/// a member of the wrong type, an expectation that could not be compared.
Case parse_case(const std::string& line);

}  // namespace baton::conformance
