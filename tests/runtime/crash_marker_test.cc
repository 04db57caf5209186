#include "common/runtime/crash_marker.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>

using namespace baton::runtime;

namespace {

struct MarkerStory {
  MarkerStory() {
    char name[] = "/tmp/baton-marker-XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    folder = name;
  }
  ~MarkerStory() { std::filesystem::remove_all(folder); }
  std::string path() const { return folder + "/at-work"; }
  std::string folder;
};

}  // namespace

TEST_CASE_METHOD(MarkerStory, "who dies at work on a job leaves its name") {
  const pid_t child = ::fork();
  if (child == 0) {
    auto marker = CrashMarker::open(path());
    const AtWorkOn named(&*marker, "job-1");
    ::raise(SIGKILL);
  }
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  CHECK(CrashMarker::read(path()) == "job-1");
}

TEST_CASE_METHOD(MarkerStory, "nobody is named before and after the work, nor by a name that is too long") {
  auto marker = CrashMarker::open(path());
  REQUIRE(marker.ok());
  CHECK(CrashMarker::read(path()).empty());
  {
    const AtWorkOn named(&*marker, "job-2");
    CHECK(CrashMarker::read(path()) == "job-2");
  }
  CHECK(CrashMarker::read(path()).empty());
  const std::string longest(CrashMarker::kNameBytesMax, 'x');
  marker->name(longest + "x");
  CHECK(CrashMarker::read(path()).empty());
  marker->name(longest);
  CHECK(CrashMarker::read(path()) == longest);
  CHECK(CrashMarker::read(folder + "/none").empty());
  const AtWorkOn nobody_looks(nullptr, "job-3");
}

TEST_CASE_METHOD(MarkerStory, "a marker for which there is no room is refused, it does not kill later") {
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit none{0, 0};
    if (::setrlimit(RLIMIT_FSIZE, &none) != 0) ::_exit(2);
    ::_exit(CrashMarker::open(path()).ok() ? 1 : 0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE_METHOD(MarkerStory, "a marker that cannot be made is said") {
  const auto refused = CrashMarker::open("/nowhere/at-work");
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error() == "crash marker /nowhere/at-work: No such file or directory");
}
