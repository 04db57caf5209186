#include "doctor/judge.h"

#include <algorithm>

namespace baton::doctor {

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::Ok:
      return "ok";
    case Verdict::Warning:
      return "warning";
    case Verdict::Wrong:
      return "wrong";
    case Verdict::NotLookedAt:
      break;
  }
  return "not looked at";
}

std::vector<Finding> judge(const Seen& seen) {
  Findings findings;
  for (const auto& settings : seen.settings) judge_settings(settings, findings);
  judge_agreement(seen, findings);
  judge_conductors(seen.fleet, seen.version, findings);
  judge_workers(seen.fleet, seen.version, findings);
  judge_jobs(seen.fleet, findings);
  for (const auto& zookeeper : seen.zookeepers) judge_zookeeper(zookeeper, findings);
  for (const auto& kafka : seen.kafkas) judge_kafka(kafka, findings);
  for (const auto& postgres : seen.postgreses) judge_postgres(postgres, findings);
  judge_clocks(seen, findings);
  judge_host(seen.own, findings);
  return findings.list();
}

bool nothing_reachable(const std::vector<Finding>& findings) {
  const auto asks = [](const Finding& finding) { return finding.check.ends_with(".reachable"); };
  const auto answered = [&](const Finding& finding) {
    return asks(finding) && (finding.verdict == Verdict::Ok || finding.verdict == Verdict::Warning);
  };
  // Who refuses us is there.
  const auto refused = [](const Finding& finding) { return finding.check == "postgres.login"; };
  const auto wrong_itself = [&](const Finding& finding) {
    return finding.verdict == Verdict::Wrong && !asks(finding);
  };
  return std::any_of(findings.begin(), findings.end(), asks) &&
         std::none_of(findings.begin(), findings.end(), wrong_itself) &&
         std::none_of(findings.begin(), findings.end(), answered) &&
         std::none_of(findings.begin(), findings.end(), refused);
}

}  // namespace baton::doctor
