#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <thread>

#include "common/kafka/kafka_message_bus.h"
#include "common/kafka/topics.h"
#include "common/runtime/asio_loop.h"
#include "common/runtime/os_entropy.h"
#include "common/wire/messages.h"
#include "common/zookeeper/directory.h"
#include "common/zookeeper/session.h"
#include "tests/support/asio_pump.h"
#include "tests/support/services.h"

extern char** environ;

using namespace baton;

namespace {

constexpr Millis kLimit{30'000};

/// The program baton-worker with real servers, spoken to as a conductor would.
struct ProcessStory : ports::Directory::Listener, ports::MessageBus::Listener {
  ProcessStory()
      : prefix(test::unique_name("worker")),
        root("/taskflow/" + prefix),
        self(Incarnation(entropy.uuid())),
        flow(FlowId(entropy.uuid())),
        session({.hosts = test::services().zookeeper, .timeout = Millis{4'000}, .file = "", .note = {}}, loop,
                loop),
        directory(session, {.root = root, .entities = ""}) {
    bus_settings.brokers = test::services().kafka;
    bus_settings.topic_prefix = prefix;
    const auto made = kafka::create_topics(bus_settings, 3, 1);
    INFO((made.ok() ? "" : made.error().message));
    REQUIRE(made.ok());
    bus = std::make_unique<kafka::KafkaMessageBus>(loop.io_context(), loop, loop, bus_settings);
    directory.open(*this);
    bus->open(*this);
    bool opened = false;
    bus->open_inbox(ports::InboxKind::Replies, 1, [&](auto address) { opened = address.ok(); });
    REQUIRE(until([&] { return opened; }));
  }
  ~ProcessStory() override {
    if (pid > 0) {
      ::kill(pid, SIGKILL);
      ::waitpid(pid, nullptr, 0);
    }
    bus.reset();
    (void)kafka::delete_topics(bus_settings);
  }

  void on_workers(const std::vector<ports::Advert>& adverts, const std::vector<Incarnation>&) override {
    workers = adverts;
  }
  void on_conductors(const std::vector<ports::Member>&) override {}
  void on_session_lost() override {}
  void on_message(std::string_view bytes) override {
    const auto message = wire::decode(bytes);
    if (!message.ok() || message->to != self) return;
    if (const auto* told = std::get_if<wire::Answers>(&message->body))
      answers.insert(answers.end(), told->answers.begin(), told->answers.end());
    if (const auto* told = std::get_if<wire::Report>(&message->body)) reports.push_back(*told);
  }
  void on_drained() override {}
  void on_room() override {}
  void on_undeliverable(std::uint64_t, const ports::BusError&) override {}
  void on_reachable(bool) override {}

  bool until(const std::function<bool()>& holds) { return test::pump_loop(loop, holds, kLimit); }

  void start_worker(std::vector<std::string> more = {}) {
    std::vector<std::string> words{BATON_TEST_WORKER,
                                   "--zookeeper.hosts",
                                   test::services().zookeeper,
                                   "--zookeeper.fleet_path",
                                   root,
                                   "--kafka.brokers",
                                   test::services().kafka,
                                   "--kafka.topic_prefix",
                                   prefix,
                                   "--worker.name",
                                   "worker-a",
                                   "--worker.modules",
                                   std::string(BATON_TEST_MODULES) + "/story_module.so",
                                   "--log.level",
                                   "warning"};
    words.insert(words.end(), more.begin(), more.end());
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    REQUIRE(::posix_spawn(&pid, argv[0], nullptr, nullptr, argv.data(), environ) == 0);
    REQUIRE(until([this] { return workers.size() == 1; }));
  }

  void send(wire::Body body) {
    const wire::Message message{workers.at(0).incarnation, self, 1, std::move(body)};
    REQUIRE(bus->send(*workers.at(0).inbox, wire::encode(message), 0).ok());
  }
  void ask(const std::string& atom, const std::string& type, const std::string& arguments) {
    wire::Request request;
    request.delivery = {flow, atom, Intention::Execute, 1, 1};
    request.task_type = type;
    request.arguments = Value::from_stored(arguments);
    send(wire::Requests{{request}});
  }
  std::string answer_of(const std::string& atom) {
    const auto is_of = [&](const wire::Answer& answer) { return answer.delivery.atom == atom; };
    const auto find = [&] { return std::find_if(answers.begin(), answers.end(), is_of); };
    REQUIRE(until([&] { return find() != answers.end(); }));
    const auto found = find();
    send(wire::Recorded{{found->delivery}});
    if (const auto* value = std::get_if<Value>(&found->what)) return std::string(value->json());
    if (const auto* failure = std::get_if<Failure>(&found->what))
      return failure->type + ": " + failure->message;
    return std::get<wire::NotRun>(found->what).why;
  }
  /// Waits in steps of the loop: the child's end is no event of it.
  int exit_code() {
    const auto deadline = std::chrono::steady_clock::now() + kLimit;
    int status = 0;
    while (::waitpid(pid, &status, WNOHANG) == 0 && std::chrono::steady_clock::now() < deadline)
      test::pump_loop(
          loop, [] { return false; }, Millis{5});
    REQUIRE(WIFEXITED(status));
    pid = -1;
    return WEXITSTATUS(status);
  }
  std::int64_t resident_kib() const {
    std::ifstream file("/proc/" + std::to_string(pid) + "/smaps_rollup");
    std::string word;
    while (file >> word)
      if (word == "Rss:") {
        std::int64_t kib = 0;
        file >> kib;
        return kib;
      }
    return -1;
  }

  runtime::OsEntropy entropy;
  const std::string prefix, root;
  const Incarnation self;
  const FlowId flow;
  runtime::AsioLoop loop;
  zookeeper::Session session;
  zookeeper::ZooKeeperDirectory directory;
  kafka::KafkaSettings bus_settings;
  std::unique_ptr<kafka::KafkaMessageBus> bus;
  std::vector<ports::Advert> workers;
  std::vector<wire::Answer> answers;
  std::vector<wire::Report> reports;
  pid_t pid = -1;
};

}  // namespace

TEST_CASE_METHOD(ProcessStory,
                 "baton-worker runs tasks of modules and commands over the real servers, and drains") {
  const std::string commands = "/tmp/" + prefix + ".json";
  std::ofstream(commands)
      << R"({"cluster.configure": {"argv": ["sh", "-c", "cat >/dev/null; echo '\"done\"'"]}})";
  start_worker({"--worker.commands", commands, "--worker.command_programs", "/bin/false", "--worker.labels",
                "zone=eu"});
  CHECK(workers[0].name == "worker-a");
  CHECK(workers[0].pid == pid);
  CHECK(workers[0].labels.at("zone") == "eu");
  CHECK(std::count(workers[0].task_types.begin(), workers[0].task_types.end(), "cluster.configure") == 1);

  ask("a", "echo", R"({"host": "a"})");
  CHECK_THAT(answer_of("a"), Catch::Contains(R"("host":"a")"));
  ask("b", "cluster.configure", "{}");
  CHECK(answer_of("b") == "\"done\"");
  ask("c", "command", R"({"argv": ["/bin/false"]})");
  CHECK(answer_of("c") == "CommandFailed: '/bin/false' ended with exit code 1");

  ask("d", "sleep", "{}");
  REQUIRE(until([this] { return !reports.empty(); }));
  CHECK(reports[0].holdings.at(0).delivery.atom == "d");
  ::kill(pid, SIGTERM);
  REQUIRE(until([this] { return !workers.empty() && workers[0].state == ports::AdvertState::Draining; }));
  send(wire::Cancel{{flow, "d", Intention::Execute, 1, 1}, "asked by a person"});
  CHECK(answer_of("d") == "it ended when it was cancelled");
  CHECK(exit_code() == 0);
  CHECK(until([this] { return workers.empty(); }));  // at once, not after the session's timeout
  ::unlink(commands.c_str());
}

TEST_CASE_METHOD(ProcessStory, "a worker that is not told which programs does not offer to run any") {
  start_worker();
  CHECK(std::count(workers[0].task_types.begin(), workers[0].task_types.end(), "echo") == 1);
  CHECK(std::count(workers[0].task_types.begin(), workers[0].task_types.end(), "command") == 0);
  ask("a", "command", R"({"argv": ["true"]})");
  CHECK(answer_of("a") == "this worker has no task type 'command'");
}

TEST_CASE_METHOD(ProcessStory, "a second SIGTERM stops a worker though a task goes on") {
  start_worker();
  ask("d", "sleep", "{}");
  REQUIRE(until([this] { return !reports.empty(); }));
  ::kill(pid, SIGTERM);
  REQUIRE(until([this] { return !workers.empty() && workers[0].state == ports::AdvertState::Draining; }));
  ::kill(pid, SIGTERM);
  CHECK(exit_code() == 5);
}

TEST_CASE_METHOD(ProcessStory, "a worker that has done its work is small") {
  start_worker();
  ask("a", "echo", "{}");
  answer_of("a");
  const auto resident = resident_kib();
  CHECK(resident > 0);
  CHECK(resident < 20 * 1024 * BATON_MEMORY_TIMES);
}

TEST_CASE("what is wrong with a worker's settings is said, with exit code 2") {
  const auto run = [](const std::string& words) {
    const std::string file = "/tmp/" + test::unique_name("worker-says");
    const int status = std::system((std::string(BATON_TEST_WORKER) + " " + words + " 2>" + file).c_str());
    std::ifstream text(file);
    std::string first, second;
    std::getline(text, first);
    std::getline(text, second);
    ::unlink(file.c_str());
    return std::to_string(WEXITSTATUS(status)) + " " + first + "|" + second;
  };
  CHECK(run("--worker.labels eu") ==
        "2 baton-worker: worker.labels: 'eu' is no label|  hint: write key=value, such as zone=eu");
  CHECK_THAT(run("--worker.modules /nowhere/x.so"),
             Catch::StartsWith("2 baton-worker: module /nowhere/x.so: cannot be loaded: "));
  CHECK_THAT(
      run("--worker.commands /nowhere/c.json"),
      Catch::StartsWith("2 baton-worker: /nowhere/c.json: cannot be read: No such file or directory|"));
  CHECK_THAT(run("--worker.command_programs rsync"),
             Catch::StartsWith("2 baton-worker: worker.command_programs: 'rsync' is no path|"));
  CHECK_THAT(run("--worker.slots 0"), Catch::StartsWith("2 ") && Catch::Contains("worker.slots"));
}
