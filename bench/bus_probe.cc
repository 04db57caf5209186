#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/json/parse.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "bench/bus_probe_sides.h"
#include "common/kafka/topics.h"
#include "common/runtime/exit_codes.h"
#include "common/runtime/os_entropy.h"

/// How long a message takes from one process through Kafka to another and back, one in flight, and how many
/// go through: the floor under every figure of the bench. Nothing of the engine is in it.
namespace baton::bench {
namespace {

using runtime::ExitCode;

struct Options {
  std::string brokers;
  std::string prefix;  // of topics that exist: this is the echo
  bool json = false;
  ProbeOrder order;
};

/// Where `make services` and `make bench` have put the servers' addresses.
std::string brokers_of_services() {
  const char* file = std::getenv("BATON_TEST_SERVICES");
  if (!file) return {};
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  boost::system::error_code error;
  const auto tree = boost::json::parse(text.str(), error);
  const auto* object = error ? nullptr : tree.if_object();
  const auto* kafka = object ? object->if_contains("kafka") : nullptr;
  return kafka && kafka->is_string() ? std::string(kafka->get_string()) : std::string();
}

/// The echo as a child that dies with us; fork is followed by exec at once, before any thread was made there.
class EchoProcess {
 public:
  ~EchoProcess() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  void start(const std::string& brokers, const std::string& prefix) {
    const pid_t parent = getpid();
    pid_ = fork();
    if (pid_ != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    execl("/proc/self/exe", "bus_probe", "--echo", prefix.c_str(), "--brokers", brokers.c_str(), nullptr);
    _exit(1);
  }

 private:
  pid_t pid_ = -1;
};

void print(const ProbeFigures& figures, const Options& options) {
  const auto at = [&figures](double share) {
    const auto last = static_cast<double>(figures.round_trips.size() - 1);
    return static_cast<long>(figures.round_trips[static_cast<std::size_t>(share * last)].count());
  };
  if (options.json)
    std::printf(
        "{\"round_trip_us\": {\"min\": %ld, \"p50\": %ld, \"p99\": %ld, \"count\": %zu, \"bytes\": %zu}, "
        "\"messages_per_s\": %.0f, \"outstanding\": %zu}\n",
        at(0), at(0.5), at(0.99), figures.round_trips.size(), options.order.bytes,
        figures.messages_per_second, options.order.outstanding);
  else
    std::printf(
        "Kafka round trip, two processes, %zu bytes, one in flight: p50 %ld us, p99 %ld us, min %ld us "
        "(%zu after %zu to warm up)\nThere and back with %zu outstanding: %.0f messages/s (%zu)\n",
        options.order.bytes, at(0.5), at(0.99), at(0), figures.round_trips.size(), options.order.warm_up,
        options.order.outstanding, figures.messages_per_second, options.order.messages);
}

ExitCode probe(kafka::KafkaSettings settings, const Options& options) {
  settings.topic_prefix = "probe-" + runtime::OsEntropy().uuid().to_string();
  if (const auto made = kafka::create_topics(settings, 1, 1); !made.ok()) {
    std::fprintf(stderr, "bus_probe: %s\n", made.error().message.c_str());
    return ExitCode::Unreachable;
  }
  ExitCode code = ExitCode::Success;
  try {
    EchoProcess echo;
    Pinger pinger(settings, options.order, [&] { echo.start(settings.brokers, settings.topic_prefix); });
    print(pinger.run(), options);
  } catch (const std::runtime_error& error) {
    std::fprintf(stderr, "bus_probe: %s\n", error.what());
    code = ExitCode::Unreachable;
  }
  (void)kafka::delete_topics(settings);  // what is left of a broker that went away is small and expires
  return code;
}

}  // namespace
}  // namespace baton::bench

int main(int argc, char** argv) {
  using namespace baton;
  bench::Options options;
  options.brokers = bench::brokers_of_services();
  CLI::App app("Round trips through Kafka between two processes, and how many messages a second go through.");
  app.add_option("--brokers", options.brokers, "HOST:PORT,… [from the file that BATON_TEST_SERVICES names]");
  app.add_option("--echo", options.prefix, "Be the other process, on the topics of this prefix")->group("");
  app.add_option("--bytes", options.order.bytes, "Of a message")->check(CLI::Range(1, 4'000'000));
  app.add_option("--warm-up", options.order.warm_up, "Round trips that are not measured");
  app.add_option("--round-trips", options.order.round_trips, "Measured one by one")
      ->check(CLI::PositiveNumber);
  app.add_option("--messages", options.order.messages, "For the rate")->check(CLI::PositiveNumber);
  app.add_option("--outstanding", options.order.outstanding, "For the rate")->check(CLI::PositiveNumber);
  app.add_flag("--json", options.json, "One JSON object");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return runtime::to_int(app.exit(error) == 0 ? runtime::ExitCode::Success : runtime::ExitCode::Usage);
  }
  if (options.brokers.empty()) {
    std::fprintf(
        stderr,
        "bus_probe: no broker given\n  --brokers HOST:PORT, or BATON_TEST_SERVICES from 'make services'\n");
    return runtime::to_int(runtime::ExitCode::Usage);
  }
  kafka::KafkaSettings settings;
  settings.brokers = options.brokers;
  settings.topic_prefix = options.prefix;
  if (!options.prefix.empty()) return bench::run_echo(settings);
  return runtime::to_int(bench::probe(settings, options));
}
