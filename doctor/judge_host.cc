#include "doctor/bounds.h"
#include "doctor/judge.h"
#include "doctor/words.h"

namespace baton::doctor {
namespace {

void judge_own_clock(const HostSeen& host, Findings& findings) {
  if (!host.clock_known)
    return findings.not_looked_at("host.clock", "this host", "the kernel does not say", "see timedatectl");
  if (!host.clock_synchronised)
    return findings.warning("host.clock", "this host", "its clock is not synchronised",
                            "run chrony, ntpd or systemd-timesyncd; in a container: on its host");
  if (host.clock_error > kOwnClockErrorMax)
    return findings.warning("host.clock", "this host", "its clock may be off by " + lasting(host.clock_error),
                            "see chronyc tracking, or timedatectl timesync-status");
  findings.ok("host.clock", "this host", "synchronised, at most " + lasting(host.clock_error) + " off");
}

void judge_folder(const FolderSeen& folder, Findings& findings) {
  constexpr unsigned kOthers = 0077;
  if (!folder.trouble.empty())
    return findings.not_looked_at("host.folders", folder.path, folder.trouble,
                                  "nothing, if the daemon has not run here yet: it makes it");
  const auto free_mib = std::to_string(folder.free_bytes >> 20) + " MiB free";
  if (folder.free_bytes < kDiskFreeMin)
    return findings.wrong("host.folders", folder.path, free_mib, "make room: a daemon cannot start without");
  if (folder.mode & kOthers)
    return findings.wrong("host.folders", folder.path, "others may enter it: it holds the session's password",
                          "chmod 700 " + folder.path);
  findings.ok("host.folders", folder.path, free_mib + ", only its owner enters");
}

}  // namespace

void judge_host(const HostSeen& host, Findings& findings) {
  judge_own_clock(host, findings);
  if (host.open_files < kOpenFilesMin)
    findings.warning("host.open_files", "this shell",
                     "at most " + std::to_string(host.open_files) + " open files",
                     "ulimit -n 65536 before a daemon is started by hand; the units say LimitNOFILE=65536");
  else
    findings.ok("host.open_files", "this shell", "up to " + std::to_string(host.open_files) + " open files");
  for (const auto& folder : host.folders) judge_folder(folder, findings);
  if (host.guardian.empty()) return;
  if (host.guardian_there)
    findings.ok("host.guardian", host.guardian, "there");
  else
    findings.warning("host.guardian", host.guardian, "it is not there or cannot be run",
                     "install baton-guardian beside baton: the units run it when a daemon has ended");
}

}  // namespace baton::doctor
