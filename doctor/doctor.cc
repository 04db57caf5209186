#include "doctor/doctor.h"

#include <unistd.h>

#include <algorithm>
#include <ostream>

#include "client/api_address.h"
#include "client/command/printing.h"
#include "doctor/fleet_asking.h"
#include "doctor/host_reading.h"
#include "doctor/judge.h"
#include "doctor/report.h"
#include "doctor/round.h"
#include "doctor/server_asking.h"
#include "doctor/settings_reading.h"

namespace baton::doctor {
namespace {

using client::Context;
using client::DoctorOptions;
using client::Ended;

constexpr const char* kWipeLine = "\r\033[K";

std::string host_name() {
  char name[256] = "";
  ::gethostname(name, sizeof name - 1);
  return name;
}

HostSeen own_host(const OwnProgram& own, const Seen& seen) {
  std::vector<std::string> folders;
  for (const auto& settings : seen.settings)
    if (!settings.runtime_folder.empty()) folders.push_back(settings.runtime_folder);
  return read_host(folders, seen.settings.empty() ? std::string() : own.path);
}

/// Whether somebody has said where conductors are; else it is only where one might be.
bool names_conductors(const Context& context) {
  return context.http.addresses() != client::api_addresses(client::kDefaultApi);
}

/// Those that were named; else, if a file is a conductor's, where that listens.
std::vector<std::string> conductors_to_ask(const Context& context, Seen& seen) {
  seen.fleet.named = names_conductors(context) || seen.settings.empty();
  if (seen.fleet.named) return context.http.addresses();
  std::vector<std::string> addresses;
  for (const auto& settings : seen.settings) {
    if (!settings.usable() || settings.worker || settings.api_port == 0) continue;
    const bool wildcard = settings.api_address == "0.0.0.0" || settings.api_address == "::";
    addresses.push_back((wildcard ? "127.0.0.1" : settings.api_address) + ":" +
                        std::to_string(settings.api_port));
  }
  seen.fleet.named = !addresses.empty();
  return addresses.empty() ? context.http.addresses() : addresses;
}

void show(const Context& context, const Progress& progress) {
  if (!context.terminal || context.json) return;
  context.out << kWipeLine;
  if (!progress.waiting_for.empty()) context.out << progress_line(progress, kProgressWidth);
  context.out << std::flush;
}

Ended print(const Context& context, Seen& seen) {
  auto& conductors = seen.fleet.conductors;
  std::sort(conductors.begin(), conductors.end(), [](const auto& a, const auto& b) {
    return std::tie(a.name, a.address) < std::tie(b.name, b.address);
  });
  const auto findings = judge(seen);
  if (context.json)
    client::print_value(context, report_json(findings));
  else
    print_report(context.out, findings, context.colours);
  if (nothing_reachable(findings)) return Ended::Unreachable;
  const bool wrong = std::any_of(findings.begin(), findings.end(),
                                 [](const auto& finding) { return finding.verdict == Verdict::Wrong; });
  return wrong ? Ended::FlowFailed : Ended::Success;
}

}  // namespace

Ended run(const OwnProgram& own, const Context& context, const DoctorOptions& options) {
  Seen seen;
  seen.version = own.version;
  seen.host = host_name();
  for (const auto& file : options.settings) seen.settings.push_back(read_settings(file, own.getenv));
  seen.own = own_host(own, seen);
  Round round(options.deadline);
  FleetAsking fleet(round, seen.fleet, seen.host, options.deadline);
  fleet.ask(conductors_to_ask(context, seen));
  ask_servers(round, seen, options.deadline);
  round.run([&](const Progress& progress) { show(context, progress); });
  const auto ended = print(context, seen);
  if (round.late() > 0 && own.leave) own.leave(ended);
  return ended;
}

}  // namespace baton::doctor
