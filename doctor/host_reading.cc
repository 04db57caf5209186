#include "doctor/host_reading.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace baton::doctor {
namespace {

void read_clock(HostSeen& host) {
  timex state{};
  const int code = ::adjtimex(&state);
  host.clock_known = code >= 0;
  host.clock_synchronised = code >= 0 && code != TIME_ERROR && !(state.status & STA_UNSYNC);
  host.clock_error = std::chrono::duration_cast<Millis>(Micros(state.maxerror));
}

FolderSeen read_folder(const std::string& path) {
  FolderSeen folder;
  folder.path = path;
  struct stat status {};
  struct statvfs space {};
  if (::stat(path.c_str(), &status) != 0 || ::statvfs(path.c_str(), &space) != 0) {
    folder.trouble = std::strerror(errno);
    return folder;
  }
  folder.mode = status.st_mode & 07777u;
  folder.free_bytes = static_cast<std::uint64_t>(space.f_bavail) * space.f_frsize;
  return folder;
}

}  // namespace

HostSeen read_host(const std::vector<std::string>& folders, const std::string& program) {
  HostSeen host;
  read_clock(host);
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) host.open_files = files.rlim_cur;
  for (const auto& path : folders) host.folders.push_back(read_folder(path));
  if (program.empty()) return host;
  host.guardian = program.substr(0, program.rfind('/') + 1) + "baton-guardian";
  host.guardian_there = ::access(host.guardian.c_str(), X_OK) == 0;
  return host;
}

}  // namespace baton::doctor
