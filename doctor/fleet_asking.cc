#include "doctor/fleet_asking.h"

#include <algorithm>
#include <chrono>

#include "client/command/context.h"
#include "client/command/refusal.h"
#include "client/http_client.h"
#include "doctor/fleet_answers.h"
#include "doctor/tcp_question.h"

namespace baton::doctor {
namespace {

using client::Answer;
using client::HttpClient;

/// What one address answers to one GET, or why it does not, in a line.
struct Heard {
  std::string trouble;
  Answer answer;
  TimePoint asked_at{}, answered_at{};
};

TimePoint wall_now() {
  return std::chrono::time_point_cast<Micros>(std::chrono::system_clock::now());
}

/// "no conductor answers:\n  127.0.0.1:1: Connection refused\n  hint: …" → "Connection refused"
std::string first_cause(const std::string& message, const std::string& address) {
  const auto at = message.find(address + ": ");
  if (at == std::string::npos) return message.substr(0, message.find('\n'));
  const auto begin = at + address.size() + 2;
  return message.substr(begin, message.find('\n', begin) - begin);
}

Heard get(const std::string& address, const std::string& target, const char* member, Millis deadline) {
  Heard heard;
  heard.asked_at = wall_now();
  auto answer = HttpClient({address}, deadline).get(target);
  heard.answered_at = wall_now();
  if (!answer.ok()) {
    heard.trouble = first_cause(answer.error().message, address);
    return heard;
  }
  heard.answer = std::move(answer).value();
  const auto* object = heard.answer.body.if_object();
  if (heard.answer.status == 200 && object && object->contains(member)) return heard;
  heard.trouble =
      client::is_problem(heard.answer)
          ? client::text_of(heard.answer.body, "title") + " (" + std::to_string(heard.answer.status) + ")"
          : "somebody answers who is no Baton conductor (" + std::to_string(heard.answer.status) + ")";
  return heard;
}

bool on_loopback(const std::string& address) {
  const auto host = host_and_port(address, "").first;
  return host.starts_with("127.") || host == "::1" || host == "localhost";
}

}  // namespace

void FleetAsking::ask(const std::vector<std::string>& addresses) {
  for (const auto& address : addresses)
    if (asked_.insert(address).second) ask_list(address);
}

void FleetAsking::add(ConductorSeen conductor) {
  fleet_.conductors.push_back(std::move(conductor));
}

void FleetAsking::ask_list(const std::string& address) {
  const auto failed = [this, address](const std::string& why) {
    ConductorSeen silent;
    silent.address = address;
    silent.trouble = why;
    add(std::move(silent));
    if (fleet_.told_by.empty()) fleet_.trouble = "no conductor answers";
  };
  round_.add({"conductor " + address,
              [this, failed, address, deadline = deadline_]() -> Record {
                const auto heard = get(address, "/v1/conductors", "conductors", deadline);
                return [this, failed, address, heard] {
                  if (!heard.trouble.empty()) return failed(heard.trouble);
                  heard_of(address, read_conductors(heard.answer.body));
                };
              },
              failed});
}

/// Itself under the address where it answered, the others where they say that they are.
void FleetAsking::heard_of(const std::string& address, const std::vector<ListedConductor>& listed) {
  const bool first = fleet_.told_by.empty();
  if (first) {
    fleet_.told_by = address;
    ask_workers(address);
  }
  ask_left_alone(address);
  for (const auto& one : listed) {
    if (!one.incarnation.empty() && !incarnations_.insert(one.incarnation).second) continue;
    ConductorSeen known;
    known.address = one.answering ? address : one.api;
    known.name = one.name;
    known.host = one.host;
    known.version = one.version;
    known.incarnation = one.incarnation;
    known.elsewhere = !one.answering && on_loopback(one.api) && one.host != own_host_;
    if (first && one.answering) fleet_.told_by = one.name;
    if (known.elsewhere)
      add(std::move(known));
    else
      ask_self(std::move(known));
  }
  // One that has no picture of the fleet yet lists nobody, not even itself.
  if (std::any_of(listed.begin(), listed.end(), [](const auto& one) { return one.answering; })) return;
  ConductorSeen itself;
  itself.address = address;
  ask_self(std::move(itself));
}

void FleetAsking::ask_self(ConductorSeen known) {
  asked_.insert(known.address);
  round_.add({"conductor " + known.address,
              [this, known, deadline = deadline_]() -> Record {
                const auto heard = get(known.address, "/v1/self", "now", deadline);
                ConductorSeen seen = known;
                seen.tells = heard.answer.status != 404;
                if (seen.tells) seen.trouble = heard.trouble;
                if (heard.trouble.empty()) {
                  read_self(heard.answer.body, seen);
                  seen.clock.asked_at = heard.asked_at;
                  seen.clock.answered_at = heard.answered_at;
                }
                return [this, known, seen] {
                  const bool unknown = known.incarnation.empty() && !seen.incarnation.empty();
                  if (unknown && !incarnations_.insert(seen.incarnation).second) return;
                  add(seen);
                  if (seen.trouble.empty()) ask_left_alone(seen.address);
                };
              },
              [this, known](const std::string& why) {
                ConductorSeen silent = known;
                silent.trouble = why;
                add(std::move(silent));
              }});
}

void FleetAsking::ask_workers(const std::string& address) {
  round_.add({"workers",
              [this, address, deadline = deadline_]() -> Record {
                const auto heard = get(address, "/v1/workers", "workers", deadline);
                return [this, heard] {
                  fleet_.workers_trouble = heard.trouble;
                  if (heard.trouble.empty()) fleet_.workers = read_workers(heard.answer.body);
                };
              },
              [this](const std::string& why) { fleet_.workers_trouble = why; }});
}

void FleetAsking::ask_left_alone(const std::string& address) {
  if (!asked_left_alone_.insert(address).second) return;
  round_.add({"jobs left alone at " + address,
              [this, address, deadline = deadline_]() -> Record {
                const auto heard = get(address, "/v1/left-alone", "left_alone", deadline);
                return [this, address, heard] {
                  if (!heard.trouble.empty()) fleet_.left_alone_trouble = address + ": " + heard.trouble;
                  add_left_alone(read_left_alone(heard.answer.body));
                };
              },
              [this, address](const std::string& why) { fleet_.left_alone_trouble = address + ": " + why; }});
}

/// Each job once: several conductors tell of the same.
void FleetAsking::add_left_alone(std::vector<LeftAloneSeen> jobs) {
  for (auto& job : jobs) {
    const bool known = std::any_of(fleet_.left_alone.begin(), fleet_.left_alone.end(), [&](const auto& one) {
      return one.job == job.job && one.kind == job.kind;
    });
    if (!known) fleet_.left_alone.push_back(std::move(job));
  }
}

}  // namespace baton::doctor
