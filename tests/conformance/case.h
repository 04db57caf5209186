#pragma once

#include <boost/json.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/flow.h"
#include "engine/plan.h"

namespace baton::conformance {

/// What an atom does when it is called (FORMAT.md, SCRIPT).
struct Script {
  std::size_t fail_first = 0;
  std::size_t revert_fail_first = 0;
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

/// One line of a corpus. `expect` stays JSON: it is only compared.
struct Case {
  std::string id, title;
  Value flow;
  engine::Symbols store;
  std::map<std::string, Script> script;
  engine::Options options;
  std::vector<Point> crashes, suspends;
  std::size_t runs = 1;
  bool concurrent = false;
  std::set<std::string> tags;
  boost::json::object expect;
};

/// Throws std::runtime_error on a line that is no case.
Case parse_case(const std::string& line);

}  // namespace baton::conformance
