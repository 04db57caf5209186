#include "doctor/report.h"

#include <algorithm>
#include <array>
#include <ostream>

#include "client/command/terminal_text.h"
#include "doctor/checks.h"

namespace baton::doctor {
namespace {

constexpr std::array kVerdicts{Verdict::Ok, Verdict::Warning, Verdict::Wrong, Verdict::NotLookedAt};
constexpr const char* kPlain = "\033[0m";
constexpr const char* kIndent = "               ";  // under the check's name

const char* colour_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::Ok:
      return "\033[32m";
    case Verdict::Warning:
      return "\033[33m";
    case Verdict::Wrong:
      return "\033[1;31m";
    case Verdict::NotLookedAt:
      break;
  }
  return "\033[2m";
}

std::size_t count(const std::vector<Finding>& findings, Verdict verdict) {
  return static_cast<std::size_t>(std::count_if(
      findings.begin(), findings.end(), [&](const auto& finding) { return finding.verdict == verdict; }));
}

std::string padded_to(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

/// What others said may hold anything: nothing of it may move the cursor. Lines of advice stay lines.
Finding harmless(Finding finding) {
  for (auto* text : {&finding.subject, &finding.seen, &finding.advice}) *text = client::for_terminal(*text);
  return finding;
}

void print_finding(std::ostream& out, const Finding& finding, std::size_t check_width, bool colours) {
  const std::string verdict = padded_to(std::string(to_string(finding.verdict)), 13);
  out << (colours ? colour_of(finding.verdict) : "") << verdict << (colours ? kPlain : "") << "  "
      << padded_to(finding.check, check_width) << "  " << finding.subject << ": " << finding.seen << '\n';
  if (finding.verdict == Verdict::Ok) return;
  if (finding.verdict != Verdict::NotLookedAt) out << kIndent << "why: " << why_of(finding.check) << '\n';
  std::string advice = finding.advice;
  for (std::size_t at = 0; (at = advice.find('\n', at)) != std::string::npos; at += 6)
    advice.replace(at, 1, std::string("\n") + kIndent + "     ");
  if (!advice.empty()) out << kIndent << "do:  " << advice << '\n';
}

/// Ok, not looked at, warning, wrong: what matters most stands last, above the prompt.
int urgency(const Finding& finding) {
  switch (finding.verdict) {
    case Verdict::Ok:
      return 0;
    case Verdict::NotLookedAt:
      return 1;
    case Verdict::Warning:
      return 2;
    case Verdict::Wrong:
      break;
  }
  return 3;
}

}  // namespace

void print_report(std::ostream& out, const std::vector<Finding>& findings, bool colours) {
  std::vector<Finding> sorted = findings;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return urgency(a) < urgency(b); });
  std::size_t width = 0;
  for (const auto& finding : sorted) width = std::max(width, finding.check.size());
  for (const auto& finding : sorted) print_finding(out, harmless(finding), width, colours);
  out << findings.size() << " checks: ";
  for (std::size_t i = 0; i < kVerdicts.size(); ++i)
    out << (i == 0 ? "" : ", ") << count(findings, kVerdicts[i]) << " " << to_string(kVerdicts[i]);
  out << std::endl;
}

boost::json::value report_json(const std::vector<Finding>& findings) {
  boost::json::object counts;
  for (const auto verdict : kVerdicts) counts[to_string(verdict)] = count(findings, verdict);
  boost::json::array list;
  for (const auto& finding : findings)
    list.push_back({{"verdict", to_string(finding.verdict)},
                    {"check", finding.check},
                    {"subject", finding.subject},
                    {"seen", finding.seen},
                    {"why", why_of(finding.check)},
                    {"advice", finding.advice}});
  const auto worst = count(findings, Verdict::Wrong) > 0     ? Verdict::Wrong
                     : count(findings, Verdict::Warning) > 0 ? Verdict::Warning
                                                             : Verdict::Ok;
  return {{"verdict", to_string(worst)}, {"counts", std::move(counts)}, {"findings", std::move(list)}};
}

std::string progress_line(const Progress& progress, std::size_t width) {
  std::string line = "asking (" + std::to_string(progress.answered) + " of " +
                     std::to_string(progress.asked) + " have answered)";
  for (std::size_t i = 0; i < progress.waiting_for.size(); ++i)
    line += (i == 0 ? ": " : ", ") + progress.waiting_for[i];
  if (line.size() > width) line = line.substr(0, width - 3) + "...";
  return line;
}

}  // namespace baton::doctor
