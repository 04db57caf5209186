#include "common/process/bounded_command.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include "common/process/descriptor.h"
#include "tests/support/scratch_folder.h"

using namespace baton;
using namespace baton::process;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

constexpr Millis kLong{40'000};

// As a daemon does; run_bounded's callers block it.
[[maybe_unused]] const auto kNoBrokenPipes = ::signal(SIGPIPE, SIG_IGN);

BoundedCommand shell(const std::string& script, Millis timeout = kLong) {
  return {
      {"/bin/sh", "-c", script}, plain_environment({{"BATON_JOB", "job 1"}}), "the document", timeout, -1};
}

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("a command reads its document and its variables", "[process]") {
  const test::ScratchFolder folder;
  CHECK(run_bounded(shell("cat > " + folder.path() + "/in; echo \"$BATON_JOB\" > " + folder.path() + "/job"))
            .empty());
  CHECK(content(folder.path() + "/in") == "the document");
  CHECK(content(folder.path() + "/job") == "job 1\n");
}

TEST_CASE("a command that fails is told with the end of what it said", "[process]") {
  CHECK(run_bounded(shell("echo out; echo err >&2; exit 3")) == "exit code 3; it said: out\nerr");
  CHECK(run_bounded(shell("exit 1")) == "exit code 1; it said nothing");
  CHECK(run_bounded(shell("kill -9 $$")) == "it was killed by signal 9; it said nothing");
  const auto much = run_bounded(shell("yes | head -c 100000; echo the end; exit 1"));
  CHECK(much.size() < kCommandOutputBytesMax + 100);
  CHECK_THAT(much, Contains("the end"));
}

TEST_CASE("a command that is not there is told", "[process]") {
  BoundedCommand none = shell("");
  none.argv = {"/none/such"};
  CHECK_THAT(run_bounded(none), StartsWith("cannot start /none/such: No such file"));
}

TEST_CASE("a command that hangs is killed at its timeout, with all that it has started", "[process]") {
  const test::ScratchFolder folder;
  const auto said = run_bounded(
      shell("echo begun; sleep 1000 & echo $! > " + folder.path() + "/child; trap '' TERM; sleep 1000",
            Millis{5'000}));
  CHECK(said == "it had not ended after 5000 ms and was killed; it said: begun");
  const std::string child = content(folder.path() + "/child");
  REQUIRE_FALSE(child.empty());
  // It dies with the group; init, or whoever reaps it, may take its time.
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  const auto state = [&] {
    const std::string status = content("/proc/" + std::to_string(std::stoi(child)) + "/stat");
    const auto name_end = status.rfind(')');
    return name_end == std::string::npos ? 'X' : status[name_end + 2];
  };
  while (state() != 'X' && state() != 'Z' && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  CHECK((state() == 'X' || state() == 'Z'));
}

TEST_CASE("a command that writes without end is killed at its timeout", "[process]") {
  CHECK_THAT(run_bounded(shell("yes", Millis{300})), StartsWith("it had not ended after 300 ms"));
}

TEST_CASE("a command need not read its document", "[process]") {
  auto command = shell("exit 0");
  command.input = std::string(1'000'000, 'x');
  CHECK(run_bounded(command).empty());
}

TEST_CASE("a child that a command leaves behind is not waited for", "[process]") {
  CHECK(run_bounded(shell("sleep 3 & exit 0")).empty());
}

TEST_CASE("a command has none of our descriptors and none of our secrets", "[process]") {
  const Descriptor ours(::open("/etc/hostname", O_RDONLY));  // not closed on exec
  REQUIRE(ours.open());
  ::setenv("BATON_POSTGRES_CONNINFO", "password=topsecret", 1);
  const auto said =
      run_bounded({{"/bin/sh", "-c", "ls /proc/self/fd; env; exit 1"}, plain_environment({}), "", kLong, -1});
  ::unsetenv("BATON_POSTGRES_CONNINFO");
  CHECK_THAT(said, Contains("PATH=") && !Contains("topsecret"));
  // Its three, and the one by which `ls` reads the folder.
  CHECK_THAT(said, Contains("0\n1\n2\n3\n") && !Contains("3\n4\n"));
}

TEST_CASE("a command is ended when its caller says so", "[process]") {
  const Descriptor stop(::eventfd(1, EFD_CLOEXEC));
  auto command = shell("sleep 1000");
  command.stop = stop.number();
  CHECK_THAT(run_bounded(command), StartsWith("it was killed: the process that called it has ended"));
}
