#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/simulation/world.h"

namespace baton::simulation {

/// The promises of PROTOCOL.md section 2.
enum class Promise { P1 = 1, P2, P3, P4, P5, P6, P7 };

struct Violation {
  Promise promise = Promise::P1;
  std::string what;
  std::string checker = {};  // who found it
};
std::string to_string(const Violation&);

class Verdict;
struct Checker {
  const char* name;  // of check_<name>.cc
  void (*check)(const World&, Verdict&);
};

/// What the checkers find. Each looks at what happened at the servers and in the tasks' code, after quiet.
class Verdict {
 public:
  void broken(Promise promise, std::string what) {
    violations_.push_back({promise, std::move(what), asked_});
  }
  void ask(const Checker& checker, const World& world) {
    asked_ = checker.name;
    checker.check(world, *this);
  }
  const std::vector<Violation>& violations() const { return violations_; }

 private:
  std::vector<Violation> violations_;
  std::string asked_;
};

void check_final_states(const World&, Verdict&);  // P1
void check_outcomes(const World&, Verdict&);      // P2; of joins: P3
void check_history(const World&, Verdict&);       // P2: told once, in order
void check_reverts(const World&, Verdict&);       // P4
void check_closings(const World&, Verdict&);      // P4: nothing is undone or tried again while it still runs
void check_fences(const World&, Verdict&);        // P5
void check_orders(const World&, Verdict&);        // P1: what was acknowledged is carried out
void check_waits(const World&, Verdict&);         // P6
void check_bounds(const World&, Verdict&);        // P7
inline constexpr std::array kCheckers{Checker{"final_states", check_final_states},
                                      Checker{"outcomes", check_outcomes},
                                      Checker{"history", check_history},
                                      Checker{"reverts", check_reverts},
                                      Checker{"closings", check_closings},
                                      Checker{"fences", check_fences},
                                      Checker{"orders", check_orders},
                                      Checker{"waits", check_waits},
                                      Checker{"bounds", check_bounds}};

}  // namespace baton::simulation
