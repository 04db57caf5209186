#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace baton::doctor {

/// What a check says. Not looked at: it could not be, and whether that matters is for people to say.
enum class Verdict { Ok, Warning, Wrong, NotLookedAt };
std::string_view to_string(Verdict);  // "ok", "warning", "wrong", "not looked at"

/// A line of the report.
struct Finding {
  Verdict verdict = Verdict::Ok;
  std::string check;    // one of checks.h: for programs, and docs/doctor.md has a row for it
  std::string subject;  // of which server, process or file
  std::string seen;
  std::string advice;  // what to do; empty where nothing is
};

/// Where judgements write what they find.
class Findings {
 public:
  void ok(std::string check, std::string subject, std::string seen) {
    list_.push_back({Verdict::Ok, std::move(check), std::move(subject), std::move(seen), {}});
  }
  void warning(std::string check, std::string subject, std::string seen, std::string advice) {
    list_.push_back(
        {Verdict::Warning, std::move(check), std::move(subject), std::move(seen), std::move(advice)});
  }
  void wrong(std::string check, std::string subject, std::string seen, std::string advice) {
    list_.push_back(
        {Verdict::Wrong, std::move(check), std::move(subject), std::move(seen), std::move(advice)});
  }
  void not_looked_at(std::string check, std::string subject, std::string why, std::string advice) {
    list_.push_back(
        {Verdict::NotLookedAt, std::move(check), std::move(subject), std::move(why), std::move(advice)});
  }
  const std::vector<Finding>& list() const { return list_; }

 private:
  std::vector<Finding> list_;
};

}  // namespace baton::doctor
