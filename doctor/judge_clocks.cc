#include <algorithm>
#include <cmath>

#include "doctor/bounds.h"
#include "doctor/judge.h"
#include "doctor/words.h"

namespace baton::doctor {
namespace {

/// How far somebody's clock is ahead of ours, and how exactly that is known.
struct Offset {
  std::string who;
  Micros ahead{0}, unsure{0};

  /// What is left when the doubt is taken off.
  Micros surely() const { return std::max(Micros{0}, Micros(std::abs(ahead.count())) - unsure); }
};

Offset offset_of(const std::string& who, const ClockSeen& clock) {
  const auto took = clock.answered_at - clock.asked_at;
  return {who, clock.said - (clock.asked_at + took / 2), took / 2};
}

std::vector<Offset> offsets(const Seen& seen) {
  std::vector<Offset> all;
  for (const auto& conductor : seen.fleet.conductors)
    if (conductor.clock.known()) all.push_back(offset_of(conductor.name, conductor.clock));
  for (const auto& postgres : seen.postgreses)
    for (const auto& host : postgres.hosts)
      if (host.end == postgres::HostLook::End::Asked)
        all.push_back(offset_of("Postgres " + host.place, {host.said, host.asked_at, host.answered_at}));
  return all;
}

/// Several others agree among themselves: then it is this host that is off.
bool ours_is_off(const std::vector<Offset>& all) {
  if (all.size() < 2) return false;
  const auto by_ahead = [](const Offset& a, const Offset& b) { return a.ahead < b.ahead; };
  const auto [least, most] = std::minmax_element(all.begin(), all.end(), by_ahead);
  return most->ahead - least->ahead < kClockSkewWarning &&
         std::all_of(all.begin(), all.end(),
                     [](const Offset& one) { return one.surely() >= kClockSkewWarning; });
}

std::string shown(const Offset& offset) {
  const auto ms = std::chrono::duration_cast<Millis>(Micros(std::abs(offset.ahead.count())));
  const auto unsure = std::chrono::ceil<Millis>(offset.unsure);
  return lasting(ms) + (offset.ahead < Micros{0} ? " behind" : " ahead of") + " this host, give or take " +
         lasting(unsure);
}

}  // namespace

void judge_clocks(const Seen& seen, Findings& findings) {
  const auto all = offsets(seen);
  const std::string advice =
      ours_is_off(all)
          ? "the others agree: set this host's clock (chronyc makestep, timedatectl)"
          : "set the clock of its host (chronyc makestep), and see that it is kept (timedatectl)";
  for (const auto& offset : all) {
    const auto surely = offset.surely();
    if (surely >= kClockSkewWrong)
      findings.wrong("clock.skew", offset.who, shown(offset), advice);
    else if (surely >= kClockSkewWarning)
      findings.warning("clock.skew", offset.who, shown(offset), advice);
    else
      findings.ok("clock.skew", offset.who, shown(offset));
  }
}

}  // namespace baton::doctor
