#pragma once

#include <baton/states.h>

#include <boost/json/value.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What listeners of a run (local.h) are told.
namespace baton::embed {

namespace json = boost::json;

using Time = std::chrono::system_clock::time_point;

/// Why something did not succeed.
struct Failure {
  std::string type, message;
  json::value details;
};

/// An atom changed its state, and that is on record.
struct AtomChange {
  std::string flow, atom;
  bool retry = false;  // it is a flow's retry, not a task
  AtomState from = AtomState::pending, state = AtomState::pending;
  std::uint32_t attempt = 0;       // the try that this is of, from 1 on
  std::uint64_t dispatch = 0;      // the fencing token, of what runs or has run
  json::value result;              // of success: what it returned
  std::optional<Failure> failure;  // of failure and revert_failure
  std::string note;                // why, where the states alone do not say it
  Time at;
  std::optional<std::chrono::microseconds> took;  // of what has ended: since it was recorded as running
  std::size_t atoms_done = 0, atoms = 0;          // of the flow
};

/// The flow changed its state, and that is on record.
struct FlowChange {
  std::string flow;
  FlowState from = FlowState::pending, state = FlowState::pending;
  std::optional<Failure> failure;  // what it failed of
  std::vector<std::string> kept;   // atoms whose effect was kept though it did not succeed
  std::string note;
  Time at;
};

/// A running task said something new of itself (sdk::Context::progress).
struct Progress {
  std::string flow, atom;
  double share = 0;  // 0 … 1
  std::string note;
};

}  // namespace baton::embed
