#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "tests/conformance/observed.h"

namespace baton::conformance {

/// A line of a file of cases.
struct CaseLine {
  std::string place;  // FILE:number
  std::string text;
};

/// What became of one case.
struct CaseEnd {
  enum class Kind : std::uint8_t { Passed, Failed, Skipped };
  Kind kind = Kind::Failed;
  Deeds deeds;
  std::string told;  // lines for people, each with its end; empty: nothing to say
};

/// Says the case's name once it is known, so that a crash can be told by it.
using SayName = std::function<void(const std::string&)>;
using Judge = std::function<CaseEnd(const CaseLine&, const SayName&)>;

/// Judges each case in a process apart and tells of each in order. A case that ends that process (an
/// assertion, a crash), or is not over in time, has failed, with what was said on stderr; another process
/// goes on behind it. Throws std::runtime_error where there can be no such process.
void judge_apart(const std::vector<CaseLine>&, std::chrono::seconds case_max, const Judge&,
                 const std::function<void(const CaseEnd&)>& tell);

}  // namespace baton::conformance
