#pragma once

#include <map>
#include <string>

#include "common/model/ids.h"
#include "common/model/time.h"

namespace baton::simulation {

/// What happened, a line each, with the virtual time: the same bytes for the same seed, in every build and
/// every run. Short names stand for ids that nobody can tell apart. Only if it is wanted; at once, so that it
/// is there when an assertion fails.
class Trace {
 public:
  explicit Trace(bool wanted) : wanted_(wanted) {}

  bool wanted() const { return wanted_; }
  void line(Micros at, const std::string& text);

  void name(const Incarnation& incarnation, std::string name) { processes_[incarnation] = std::move(name); }
  void name(const FlowId& flow, std::string job) { flows_[flow] = std::move(job); }
  std::string of(const Incarnation&) const;
  std::string of(const FlowId&) const;

 private:
  const bool wanted_;
  std::map<Incarnation, std::string> processes_;
  std::map<FlowId, std::string> flows_;
};

}  // namespace baton::simulation
