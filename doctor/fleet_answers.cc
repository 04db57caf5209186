#include "doctor/fleet_answers.h"

#include <algorithm>
#include <cstdio>

#include "client/command/context.h"

namespace baton::doctor {
namespace {

using boost::json::value;
using client::text_of;

constexpr std::int64_t kCountMax =
    1'000'000'000'000;  // more than there are of anything; sums do not overflow

/// How many, or how long: 0 where it is no whole number.
std::int64_t count_of(const value& of, const char* name) {
  return std::clamp<std::int64_t>(client::whole_number_of(of, name), 0, kCountMax);
}

const value& member(const value& of, const char* name) {
  static const value nothing;
  const auto* object = of.if_object();
  const auto* found = object ? object->if_contains(name) : nullptr;
  return found ? *found : nothing;
}

bool truth_of(const value& of, const char* name) {
  const auto& found = member(of, name);
  return found.is_bool() && found.get_bool();
}

/// Each item of a list; nothing where there is none.
template <class Read>
auto each(const value& list, Read read) {
  std::vector<decltype(read(list))> items;
  if (const auto* array = list.if_array())
    for (const auto& item : *array) items.push_back(read(item));
  return items;
}

}  // namespace

std::optional<TimePoint> read_time(const std::string& text) {
  int year = 0, hour = 0, minute = 0;
  unsigned month = 0, day = 0;
  double seconds = 0;
  if (std::sscanf(text.c_str(), "%d-%u-%uT%d:%d:%lfZ", &year, &month, &day, &hour, &minute, &seconds) != 6)
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  const bool in_a_day = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && seconds >= 0 && seconds < 61;
  if (!date.ok() || !in_a_day) return std::nullopt;
  return TimePoint(std::chrono::sys_days(date)) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         Micros(static_cast<std::int64_t>(seconds * 1e6 + 0.5));
}

std::vector<ListedConductor> read_conductors(const value& body) {
  return each(member(body, "conductors"), [](const value& one) {
    return ListedConductor{text_of(one, "name"),    text_of(one, "api"),         text_of(one, "host"),
                           text_of(one, "version"), text_of(one, "incarnation"), truth_of(one, "answering")};
  });
}

void read_self(const value& body, ConductorSeen& seen) {
  seen.name = text_of(body, "name");
  seen.host = text_of(body, "host");
  seen.version = text_of(body, "version");
  seen.incarnation = text_of(body, "incarnation");
  if (const auto now = read_time(text_of(body, "now"))) seen.clock.said = *now;
  seen.zookeeper = truth_of(member(body, "zookeeper"), "reachable");
  seen.kafka = truth_of(member(body, "kafka"), "reachable");
  seen.postgres = truth_of(member(body, "postgres"), "reachable");
  seen.draining = truth_of(body, "draining");
  seen.claiming_paused = text_of(body, "claiming_paused");
  seen.can_lose = text_of(member(body, "postgres"), "can_lose");
  const auto& session = member(body, "zookeeper");
  seen.session_asked = Millis(count_of(session, "session_timeout_asked_ms"));
  seen.session_granted = Millis(count_of(session, "session_timeout_ms"));
  seen.session_silent = Millis(count_of(session, "silent_for_ms"));
  seen.schema_version = count_of(body, "schema_version");
  if (const auto* settings = member(body, "settings").if_object())
    for (const auto& [name, text] : *settings)
      if (text.is_string()) seen.settings[name] = text.get_string();
  seen.waiting = each(member(body, "waiting"), [](const value& one) {
    return WaitingSeen{text_of(one, "task_type"), text_of(one, "job"), text_of(one, "reason"),
                       count_of(one, "atoms"), Millis(count_of(one, "longest_ms"))};
  });
}

std::vector<WorkerSeen> read_workers(const value& body) {
  return each(member(body, "workers"), [](const value& one) {
    WorkerSeen worker;
    worker.name = text_of(one, "name");
    worker.host = text_of(one, "host");
    worker.state = text_of(one, "state");
    worker.version = text_of(one, "version");
    worker.slots = count_of(one, "slots");
    worker.outstanding = count_of(one, "outstanding");
    if (const auto* types = member(one, "task_types").if_array())
      for (const auto& type : *types)
        if (type.is_string()) worker.task_types.emplace(type.get_string());
    return worker;
  });
}

std::vector<LeftAloneSeen> read_left_alone(const value& body) {
  const auto read = [](const value& one) {
    return LeftAloneSeen{text_of(one, "kind"), text_of(one, "job"), text_of(one, "name"),
                         text_of(one, "reason")};
  };
  auto all = each(member(body, "left_alone"), read);
  for (auto& job : each(member(body, "parked"), read)) all.push_back(std::move(job));
  return all;
}

}  // namespace baton::doctor
