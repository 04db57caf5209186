#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "doctor/checks.h"
#include "doctor/judge.h"

namespace baton::test {

/// Judges one thing with what is given.
template <class... Arguments>
std::vector<doctor::Finding> judged(void (*judge)(Arguments..., doctor::Findings&),
                                    const std::type_identity_t<Arguments>&... seen) {
  doctor::Findings findings;
  judge(seen..., findings);
  return findings.list();
}

/// What is not well: "wrong postgres.fsync h:5432/b: fsync is off -> set fsync = on …".
inline std::vector<std::string> trouble_in(const std::vector<doctor::Finding>& findings) {
  std::vector<std::string> lines;
  for (const auto& finding : findings) {
    CHECK_FALSE(doctor::why_of(finding.check).empty());
    CHECK_FALSE(finding.seen.empty());
    if (finding.verdict == doctor::Verdict::Ok) {
      CHECK(finding.advice.empty());
      continue;
    }
    CHECK_FALSE(finding.advice.empty());
    lines.push_back(std::string(to_string(finding.verdict)) + " " + finding.check + " " + finding.subject +
                    ": " + finding.seen + " -> " + finding.advice);
  }
  return lines;
}
using Lines = std::vector<std::string>;

}  // namespace baton::test
