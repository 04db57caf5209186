#include "worker/command_task.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <thread>

#include "tests/support/refused_call.h"
#include "tests/worker/runner_fixture.h"
#include "worker/child_process.h"

using namespace baton;
using namespace baton::worker;
using baton::worker::testing::RunnerStory;

namespace {

/// Runs shell scripts as command tasks on this thread.
struct CommandStory {
  CommandStory() {
    char name[] = "/tmp/baton-command-XXXXXX";
    REQUIRE(::mkdtemp(name));
    folder = name;
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);  // as an executor's threads do
  }
  ~CommandStory() { std::system(("rm -r " + folder).c_str()); }

  static CommandSpec shell(const std::string& script) {
    CommandSpec spec;
    spec.argv = {"sh", "-c", script};
    return spec;
  }
  TaskOutcome run(const CommandSpec& spec, const wire::Request& request = RunnerStory::request("a", 4, 2)) {
    return CommandTask(launcher, spec).run(request, control);
  }
  TaskOutcome run(const std::string& script) { return run(shell(script)); }

  static std::string json(const TaskOutcome& outcome) {
    const auto* value = std::get_if<Value>(&outcome);
    return value ? std::string(value->json()) : "failed: " + std::get<Failure>(outcome).message;
  }
  static std::string failure(const TaskOutcome& outcome) {
    const auto* told = std::get_if<Failure>(&outcome);
    return told ? told->type + ": " + told->message : "succeeded: " + json(outcome);
  }

  std::string path(const std::string& name) const { return folder + "/" + name; }
  /// Waits until the file has a whole line; a deadline, since a command that never writes it is a failure.
  std::string line_of(const std::string& name) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    std::string line;
    while (std::chrono::steady_clock::now() < deadline) {
      std::ifstream file(path(name));
      if (std::getline(file, line) && !file.eof()) return line;
      std::this_thread::yield();
    }
    FAIL("no line in " << name);
    return {};
  }
  /// A process that was killed may not be reaped at once by whoever inherited it: a zombie is gone, too, and
  /// one that is being reaped (X).
  static bool gone(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string text;
    return !std::getline(file, text) || text.find(") Z ") != std::string::npos ||
           text.find(") X ") != std::string::npos;
  }
  static bool gone_soon(pid_t pid) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!gone(pid)) {
      if (std::chrono::steady_clock::now() >= deadline) return false;
      std::this_thread::yield();
    }
    return true;
  }
  /// For a script: to go on when another process has written the file.
  std::string until_written(const std::string& name) const {
    return "while ! [ -s " + path(name) + " ]; do :; done";
  }

  std::string folder;
  CommandLauncher launcher{BATON_TEST_GUARD, -1, Millis{200}};
  TaskControl control;
};

}  // namespace

TEST_CASE_METHOD(CommandStory, "a command reads the request on stdin and gives its result on stdout") {
  CHECK(json(run("cat")) ==
        R"({"arguments": {"host": "a"}, "intention": "EXECUTE", "attempt": 2, "dispatch": 4, )"
        R"("idempotency_key": "00000000-0000-0000-0000-000000000007/a/EXECUTE/2", )"
        R"("flow": "00000000-0000-0000-0000-000000000007", "atom": "a", "job": ""})");
  CHECK(json(run("exit 0")) == "null");
  CHECK(json(run("echo; echo ' [1, 2] '")) == "[1, 2]");
}

TEST_CASE_METHOD(CommandStory, "a command finds its identity, its variables and its folder") {
  auto spec = shell(
      R"(echo "\"$BATON_IDEMPOTENCY_KEY $BATON_FLOW $BATON_ATOM $BATON_DISPATCH $BATON_ATTEMPT $COLOUR $(pwd)\"")");
  spec.env["COLOUR"] = "red";
  spec.cwd = folder;
  CHECK(json(run(spec)) ==
        "\"00000000-0000-0000-0000-000000000007/a/EXECUTE/2 00000000-0000-0000-0000-000000000007 a 4 2 red " +
            folder + "\"");
}

TEST_CASE_METHOD(CommandStory, "a revert runs its own command, and knows what it undoes") {
  auto request = RunnerStory::request("a", 5, 2, Intention::Revert);
  request.result = Value::from_stored("7");
  request.failure = Failure{"Full", "no room", {}};
  request.flow_failures = {{"b", Failure{"Broken", "it is", {}}}};
  auto spec = shell("echo executed");
  CHECK(json(run(spec, request)) == "null");  // nothing to undo
  spec.revert_argv = {"cat"};
  const auto outcome = run(spec, request);
  REQUIRE(std::holds_alternative<Value>(outcome));
  const auto told = std::get<Value>(outcome).tree().as_object();
  CHECK(told.at("intention") == "REVERT");
  CHECK(told.at("result") == 7);
  CHECK(told.at("failure").at("type") == "Full");
  CHECK(told.at("flow_failures").at("b").at("message") == "it is");
}

TEST_CASE_METHOD(CommandStory, "the task type `command` takes what to run from its arguments") {
  auto request =
      RunnerStory::request("a", 1, 1, Intention::Execute, R"({"argv": ["echo", "5"], "other": 1})");
  const CommandTask any(launcher, AllowedPrograms::any());
  CHECK(json(any.run(request, control)) == "5");
  request.arguments = Value::from_stored(R"({"argv": "echo"})");
  CHECK(failure(any.run(request, control)) ==
        "CommandFailed: task type 'command': 'argv' is \"echo\", expected: a list of strings, not empty\n"
        "  known: argv, revert_argv, env, cwd, timeout_ms, stdout");
}

TEST_CASE_METHOD(CommandStory, "the task type `command` runs what is allowed, and nothing else") {
  const auto allowed = AllowedPrograms::read({"/bin/echo", "/bin/false"});
  REQUIRE(allowed.ok());
  const auto told = [&](const std::string& arguments) {
    const auto request = RunnerStory::request("a", 1, 1, Intention::Execute, arguments);
    return failure(CommandTask(launcher, *allowed).run(request, control));
  };
  const std::string hint =
      "\n  hint: the worker's setting worker.command_programs says what tasks of type 'command' may run; a "
      "command with a task type of its own is described in a file that worker.commands names";
  CHECK(told(R"({"argv": ["/bin/echo", "5"]})") == "succeeded: 5");
  CHECK(told(R"({"argv": ["sh", "-c", "true"]})") ==
        "CommandFailed: task type 'command': 'sh' may not be run here; allowed: /bin/echo, /bin/false" +
            hint);
  CHECK_THAT(told(R"({"argv": ["echo", "5"]})"), Catch::Contains("'echo' may not be run here"));
  CHECK_THAT(told(R"({"argv": ["/bin/echo", "5"], "revert_argv": ["rm"]})"),
             Catch::Contains("'rm' may not be run here"));
  CHECK(told(R"({"argv": ["/bin/echo", "5"], "env": {"LD_PRELOAD": "/tmp/x.so"}})") ==
        "CommandFailed: task type 'command': 'env' may not be given here, where only some programs are "
        "allowed: /bin/echo, /bin/false" +
            hint);
  CHECK(AllowedPrograms::read({})->none());
  CHECK(AllowedPrograms::read({"rsync"}).error() ==
        "worker.command_programs: 'rsync' is no path\n"
        "  hint: write the whole path, such as /usr/bin/rsync, or * for any program");
}

TEST_CASE_METHOD(CommandStory, "a command that fails says how") {
  const auto plain = run("echo first >&2; echo 'no such cluster' >&2; exit 3");
  CHECK(failure(plain) == "CommandFailed: 'sh' ended with exit code 3: no such cluster");
  const auto details = std::get<Failure>(plain).details.tree();
  CHECK(details.at("exit_code") == 3);
  CHECK(details.at("stderr") == "first\nno such cluster\n");
  CHECK(details.at("argv").at(0) == "sh");

  CHECK(failure(run(R"(echo '{"type": "QuotaExceeded", "message": "no more", "details": 5}'; exit 1)")) ==
        "QuotaExceeded: no more");
  CHECK(failure(run("echo '[1]'; exit 1")) == "CommandFailed: 'sh' ended with exit code 1");
  CHECK(failure(run("kill -SEGV $$")) == "TaskCrashed: 'sh' was ended by signal 11 (SIGSEGV)");
}

TEST_CASE_METHOD(CommandStory, "a command that is not there, or a guard that is not, says so") {
  CommandSpec missing;
  missing.argv = {"/nowhere/tool"};
  CHECK(failure(run(missing)) ==
        "CommandFailed: '/nowhere/tool' ended with exit code 127: "
        "cannot run '/nowhere/tool': No such file or directory");
  launcher = CommandLauncher("/nowhere/guard");
  CHECK(failure(run("true")) ==
        "CommandFailed: cannot start /nowhere/guard: No such file or directory\n"
        "  hint: baton-command-guard belongs beside baton-worker");
}

TEST_CASE_METHOD(CommandStory,
                 "H20: the guard holds the worker's lock until all that the command left is dead") {
  const std::string lock = path("alive");
  const auto opened = [&] { return Descriptor(::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)); };
  const auto held = [&] { return ::flock(opened().number(), LOCK_EX | LOCK_NB) != 0; };
  Descriptor ours(::fcntl(opened().number(), F_DUPFD_CLOEXEC, 16));
  REQUIRE(::flock(ours.number(), LOCK_EX | LOCK_NB) == 0);
  launcher = CommandLauncher(BATON_TEST_GUARD, ours.number(), Millis{200});
  std::thread task(
      [&] { run("ls -l /proc/self/fd > " + path("open") + "; echo up > " + path("up") + "; sleep 60"); });
  CHECK(line_of("up") == "up");
  ours.close();  // as the death of the worker does
  CHECK(held());
  control.cancel();
  task.join();
  CHECK_FALSE(held());
  std::ifstream file(path("open"));
  const std::string listed((std::istreambuf_iterator<char>(file)), {});
  CHECK(listed.find("/open") != std::string::npos);
  CHECK(listed.find(lock) == std::string::npos);  // the command itself cannot keep it
}

TEST_CASE_METHOD(CommandStory, "a program's plain text is a result where that is asked for") {
  auto spec = shell("echo 'Configured \"5\" nodes.'; echo '  done '; echo");
  spec.text_result = true;
  CHECK(json(run(spec)) == R"("Configured \"5\" nodes.\n  done ")");
  spec.argv.back() = "true";
  CHECK(json(run(spec)) == R"("")");
  spec.argv.back() = R"(printf 'a\0\377')";
  CHECK_THAT(failure(run(spec)),
             Catch::StartsWith("BadResult: the command's stdout cannot be its result: it is "
                               "not UTF-8 text without NULs\n  hint: "));
  spec.argv.back() = "yes 1 | head -c 3000000";
  CHECK_THAT(failure(run(spec)),
             Catch::StartsWith("BadResult: the command's stdout cannot be its result: ") &&
                 Catch::Contains(", the limit is 1048576 (at byte "));
}

TEST_CASE_METHOD(CommandStory, "what is no result is refused with its head") {
  CHECK_THAT(
      failure(run("echo 'Configured 5 nodes.'")),
      Catch::StartsWith(
          "BadResult: the command's stdout (it begins: Configured 5 nodes.) cannot be its "
          "result: it is not JSON: syntax error (at byte 0)\n  hint: a result is JSON of at most ") &&
          Catch::EndsWith("\n  hint: of a program that prints plain text say stdout: text, beside its argv"));
  CHECK_THAT(failure(run("yes 1 | head -c 3000000")),
             Catch::StartsWith("BadResult: the command's stdout (it begins: 1\n1\n") &&
                 Catch::Contains(", the limit is 1048576 (at byte ") && !Catch::Contains("stdout: text"));
  CHECK_THAT(failure(run(R"(printf '"\\u0000"')")), Catch::Contains("U+0000"));
}

TEST_CASE_METHOD(CommandStory, "much on stderr and an unread stdin do no harm") {
  auto request = RunnerStory::request("a", 1);
  request.arguments = Value::of_string(std::string(3'000'000, 'x'));
  const auto outcome = run(shell("yes error | head -c 999996 >&2; echo last >&2; exit 1"), request);
  CHECK(failure(outcome) == "CommandFailed: 'sh' ended with exit code 1: last");
  CHECK(std::get<Failure>(outcome).details.json().size() <= kFailureTextBytesMax);
}

TEST_CASE_METHOD(CommandStory, "a cancelled command is asked to end, and obeys") {
  std::thread canceller([this] {
    line_of("started");
    control.cancel();
  });
  const auto outcome = run("trap 'echo obeyed >" + path("end") + "; exit 1' TERM; echo yes >" +
                           path("started") + "; while :; do sleep 0.01; done");
  canceller.join();
  CHECK(failure(outcome) == "Cancelled: 'sh' was ended because the task was cancelled");
  CHECK(line_of("end") == "obeyed");
}

TEST_CASE_METHOD(CommandStory, "a stubborn command is killed after the grace, with its children") {
  std::thread canceller([this] {
    line_of("child");
    control.cancel();
  });
  const auto outcome = run("trap '' TERM; (trap '' TERM; exec sleep 1000) & echo $! >" + path("child") +
                           "; while :; do sleep 1000; done");
  canceller.join();
  CHECK(failure(outcome) == "Cancelled: 'sh' was ended because the task was cancelled");
  CHECK(gone_soon(std::stoi(line_of("child"))));
}

TEST_CASE_METHOD(CommandStory, "a command that takes too long is ended and says so") {
  auto spec = shell("echo waiting >&2; sleep 1000");
  spec.timeout = Millis{100};
  CHECK(failure(run(spec)) == "TimedOut: 'sh' did not end within 100 ms (timeout_ms): waiting");
}

TEST_CASE_METHOD(CommandStory, "what a command leaves in its group ends with it, and does not delay it") {
  CHECK(json(run("sleep 1000 & echo $! >" + path("child") + "; echo 1")) == "1");
  CHECK(gone(std::stoi(line_of("child"))));  // when the task has ended: nothing to wait for
}

TEST_CASE_METHOD(CommandStory, "what left the command's group and session ends with it, too") {
  CHECK(json(run("setsid sleep 1000 & echo $! >" + path("child") +
                 "; setsid sh -c 'setsid sleep 1000 & echo $! >" + path("grandchild") + "' & " +
                 until_written("grandchild") + "; echo 1")) == "1");
  CHECK(gone(std::stoi(line_of("child"))));
  CHECK(gone(std::stoi(line_of("grandchild"))));
}

/// ProtectProc=invisible of our units hides some processes in /proc; here it hides all, which no test needs
/// to be root for.
TEST_CASE_METHOD(CommandStory, "what /proc does not list ends with the command, too") {
  const pid_t worker = ::fork();
  REQUIRE(worker >= 0);
  if (worker == 0) {
    if (!test::refuse_call(SYS_getdents64, EPERM)) ::_exit(2);  // no folder can be listed
    const auto outcome =
        run("setsid sleep 1000 & echo $! >" + path("child") + "; (setsid sh -c 'echo $$ >" + path("orphan") +
            "; exec sleep 1000' &); " + until_written("orphan") + "; echo 1");
    ::_exit(json(outcome) == "1" ? 0 : 1);
  }
  int status = -1;
  ::waitpid(worker, &status, 0);
  CHECK(status == 0);
  CHECK(gone(std::stoi(line_of("child"))));
  CHECK(gone(std::stoi(line_of("orphan"))));
}

TEST_CASE_METHOD(CommandStory, "an orphan that ends before the command does is reaped, and ends nothing") {
  auto spec = shell("(setsid sh -c 'echo $$ >" + path("orphan") + "' &); " + until_written("orphan") +
                    "; while [ -d /proc/$(cat " + path("orphan") + ") ]; do :; done; echo 1");
  spec.timeout = Millis{20'000};
  CHECK(json(run(spec)) == "1");
}

TEST_CASE_METHOD(CommandStory, "a cancelled command's children end too, wherever they are") {
  std::thread canceller([this] {
    line_of("child");
    control.cancel();
  });
  const auto outcome = run("setsid sh -c 'trap \"\" TERM; echo $$ >" + path("child") +
                           "; while :; do sleep 1000; done' & trap 'exit 1' TERM; wait; sleep 1000");
  canceller.join();
  CHECK(failure(outcome) == "Cancelled: 'sh' was ended because the task was cancelled");
  CHECK(gone(std::stoi(line_of("child"))));
}

TEST_CASE_METHOD(CommandStory, "a command may kill its whole group: the guard is not in it") {
  CHECK(failure(run("setsid sleep 1000 & echo $! >" + path("child") + "; kill -9 0")) ==
        "TaskCrashed: 'sh' was ended by signal 9 (SIGKILL)");
  CHECK(gone(std::stoi(line_of("child"))));
}

TEST_CASE_METHOD(CommandStory, "a command that writes for ever can be cancelled") {
  std::thread canceller([this] {
    line_of("started");
    control.cancel();
  });
  CHECK(failure(run("echo yes >" + path("started") + "; exec yes")) ==
        "Cancelled: 'sh' was ended because the task was cancelled");
  canceller.join();
}

TEST_CASE_METHOD(CommandStory, "when the worker dies, its commands die") {
  const pid_t worker = ::fork();
  REQUIRE(worker >= 0);
  if (worker == 0) {  // a worker with one command that would outlive it
    CommandTask(launcher, shell("(trap '' TERM; sleep 1000) & echo $! >" + path("child") +
                                "; setsid sleep 1000 & echo $! >" + path("escaped") + "; sleep 1000"))
        .run(RunnerStory::request("a", 1), control);
    ::_exit(0);
  }
  const pid_t child = std::stoi(line_of("child")), escaped = std::stoi(line_of("escaped"));
  ::kill(worker, SIGKILL);
  ::waitpid(worker, nullptr, 0);
  CHECK(gone_soon(child));
  CHECK(gone_soon(escaped));
}
