#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>

#include "common/runtime/asio_loop.h"
#include "common/runtime/service_notifier.h"
#include "common/runtime/signals.h"

using namespace std::chrono_literals;
using namespace baton::runtime;

namespace {

/// systemd's side of sd_notify, as far as a daemon sees it.
class Supervisor {
 public:
  explicit Supervisor(const char* watchdog_us) : socket_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::snprintf(address.sun_path, sizeof address.sun_path, "/tmp/baton-notify-%d", getpid());
    path_ = address.sun_path;
    REQUIRE(bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    const timeval deadline{10, 0};
    REQUIRE(setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline) == 0);
    setenv("NOTIFY_SOCKET", path_.c_str(), 1);
    setenv("WATCHDOG_USEC", watchdog_us, 1);
  }
  ~Supervisor() {
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    close(socket_);
    unlink(path_.c_str());
  }
  std::string next() {
    char text[512];
    const auto size = recv(socket_, text, sizeof text, 0);
    REQUIRE(size >= 0);
    return {text, static_cast<std::size_t>(size)};
  }

 private:
  int socket_;
  std::string path_;
};

}  // namespace

TEST_CASE("the first SIGTERM drains, the second one stops") {
  AsioLoop loop;
  std::vector<std::string> calls;
  Signals signals(
      loop,
      [&] {
        calls.push_back("drain");
        raise(SIGINT);
      },
      [&] {
        calls.push_back("stop");
        loop.stop();
      });
  raise(SIGPIPE);  // ignored
  raise(SIGTERM);
  loop.run();
  CHECK(calls == std::vector<std::string>{"drain", "stop"});
}

TEST_CASE("a second signal ends a process whose loop hears nothing any more") {
  const pid_t child = fork();
  if (child == 0) {
    AsioLoop loop;
    const Signals signals(
        loop, [] {}, 5);
    raise(SIGINT);
    raise(SIGTERM);
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 5);
}

TEST_CASE("systemd is told that the daemon is ready, lives and ends") {
  Supervisor supervisor("20000");
  AsioLoop loop;
  ServiceNotifier notifier(loop);
  notifier.ready("serving");
  CHECK(supervisor.next() == "READY=1\nSTATUS=serving");
  CHECK(supervisor.next() == "WATCHDOG=1");
  loop.after(25ms, [&] { loop.stop(); });
  loop.run();
  CHECK(supervisor.next() == "WATCHDOG=1");
  CHECK(supervisor.next() == "WATCHDOG=1");
  notifier.stopping();
  CHECK(supervisor.next() == "STOPPING=1");
}

TEST_CASE("without systemd nothing is told and nothing is fed") {
  AsioLoop loop;
  ServiceNotifier notifier(loop);
  notifier.ready("serving");
  notifier.stopping();
  SUCCEED("no socket, no harm");
}
