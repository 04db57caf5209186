#include "doctor/host_reading.h"
#include "tests/doctor/found.h"
#include "tests/support/scratch_folder.h"

using namespace baton;
using namespace baton::doctor;
using namespace baton::test;

namespace {

/// Read between 1000 s and 1000.02 s of ours, so that its 1000.01 s are the same time.
ClockSeen clock_ahead(Millis ahead, Millis took = Millis{20}) {
  const TimePoint asked(std::chrono::seconds(1000));
  return {asked + took / 2 + ahead, asked, asked + took};
}

Lines trouble_with(std::vector<ClockSeen> clocks) {
  Seen seen;
  for (std::size_t i = 0; i < clocks.size(); ++i) {
    ConductorSeen one;
    one.name = "c" + std::to_string(i + 1);
    one.clock = clocks[i];
    seen.fleet.conductors.push_back(one);
  }
  Findings findings;
  judge_clocks(seen, findings);
  CHECK(findings.list().size() == clocks.size());
  return trouble_in(findings.list());
}

constexpr const char* kTheirs =
    "set the clock of its host (chronyc makestep), and see that it is kept (timedatectl)";
constexpr const char* kOurs = "the others agree: set this host's clock (chronyc makestep, timedatectl)";

}  // namespace

TEST_CASE("clocks that agree are well, also within what the asking took", "[doctor]") {
  CHECK(trouble_with({clock_ahead(Millis{0}), clock_ahead(Millis{-400})}).empty());
  CHECK(trouble_with({clock_ahead(Millis{2'100}, Millis{4'000})}).empty());
}

TEST_CASE("a clock that is off by seconds is wrong, by half a second a warning", "[doctor]") {
  CHECK(trouble_with({clock_ahead(Millis{5'000})}) ==
        Lines{std::string("wrong clock.skew c1: 5 s ahead of this host, give or take 10 ms -> ") + kTheirs});
  CHECK(
      trouble_with({clock_ahead(Millis{-700}), clock_ahead(Millis{0})}) ==
      Lines{std::string("warning clock.skew c1: 700 ms behind this host, give or take 10 ms -> ") + kTheirs});
}

TEST_CASE("when all others agree it is this host's clock that is off", "[doctor]") {
  CHECK(trouble_with({clock_ahead(Millis{5'000}), clock_ahead(Millis{5'100})}) ==
        Lines{std::string("wrong clock.skew c1: 5 s ahead of this host, give or take 10 ms -> ") + kOurs,
              std::string("wrong clock.skew c2: 5.1 s ahead of this host, give or take 10 ms -> ") + kOurs});
}

TEST_CASE("Postgres' clock is compared too", "[doctor]") {
  Seen seen;
  postgres::HostLook look;
  look.end = postgres::HostLook::End::Asked;
  look.place = "db:5432/baton";
  const auto clock = clock_ahead(Millis{-3'000});
  look.said = clock.said, look.asked_at = clock.asked_at, look.answered_at = clock.answered_at;
  seen.postgreses = {{"db", "baton", "", {look}}};
  Findings findings;
  judge_clocks(seen, findings);
  CHECK(trouble_in(findings.list()) ==
        Lines{std::string(
                  "wrong clock.skew Postgres db:5432/baton: 3 s behind this host, give or take 10 ms -> ") +
              kTheirs});
}

TEST_CASE("this host: clock, descriptors, folders, guardian", "[doctor]") {
  HostSeen host;
  host.clock_known = host.clock_synchronised = host.guardian_there = true;
  host.clock_error = Millis{3};
  host.open_files = 1024;
  host.guardian = "/usr/bin/baton-guardian";
  host.folders = {{"/run/baton", "", 1ull << 30, 0700}};
  const auto trouble_after = [&](auto change) {
    HostSeen changed = host;
    change(changed);
    Findings findings;
    judge_host(changed, findings);
    return trouble_in(findings.list());
  };
  CHECK(trouble_after([](HostSeen&) {}).empty());
  CHECK(trouble_after([](HostSeen& seen) { seen.clock_known = false; }) ==
        Lines{"not looked at host.clock this host: the kernel does not say -> see timedatectl"});
  CHECK(trouble_after([](HostSeen& seen) { seen.clock_synchronised = false; }) ==
        Lines{"warning host.clock this host: its clock is not synchronised -> run chrony, ntpd or "
              "systemd-timesyncd; in a container: on its host"});
  CHECK(trouble_after([](HostSeen& seen) { seen.clock_error = Millis{1'500}; }) ==
        Lines{"warning host.clock this host: its clock may be off by 1.5 s -> see chronyc tracking, or "
              "timedatectl "
              "timesync-status"});
  CHECK(
      trouble_after([](HostSeen& seen) { seen.open_files = 256; }) ==
      Lines{
          "warning host.open_files this shell: at most 256 open files -> ulimit -n 65536 before a daemon is "
          "started by hand; the units say LimitNOFILE=65536"});
  CHECK(trouble_after([](HostSeen& seen) { seen.folders[0].free_bytes = 1 << 20; }) ==
        Lines{"wrong host.folders /run/baton: 1 MiB free -> make room: a daemon cannot start without"});
  CHECK(
      trouble_after([](HostSeen& seen) { seen.folders[0].mode = 0755; }) ==
      Lines{
          "wrong host.folders /run/baton: others may enter it: it holds the session's password -> chmod 700 "
          "/run/baton"});
  CHECK(trouble_after([](HostSeen& seen) { seen.folders[0].trouble = "No such file or directory"; }) ==
        Lines{"not looked at host.folders /run/baton: No such file or directory -> nothing, if the daemon "
              "has not "
              "run here yet: it makes it"});
  CHECK(trouble_after([](HostSeen& seen) { seen.guardian_there = false; }) ==
        Lines{"warning host.guardian /usr/bin/baton-guardian: it is not there or cannot be run -> install "
              "baton-guardian beside baton: the units run it when a daemon has ended"});
}

TEST_CASE("this very host is read", "[doctor]") {
  const ScratchFolder folder;
  const auto host = read_host({folder.path(), "/nowhere/at/all"}, "/nowhere/baton");
  CHECK(host.open_files > 0);
  REQUIRE(host.folders.size() == 2);
  CHECK(host.folders[0].free_bytes > 0);
  CHECK(host.folders[0].trouble.empty());
  CHECK(host.folders[1].trouble == "No such file or directory");
  CHECK(host.guardian == "/nowhere/baton-guardian");
  CHECK_FALSE(host.guardian_there);
  CHECK(read_host({}, "").guardian.empty());
}
