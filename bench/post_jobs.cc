#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>

#include "common/runtime/asio_loop.h"
#include "common/runtime/exit_codes.h"
#include "common/runtime/os_entropy.h"
#include "common/zookeeper/boards.h"
#include "common/zookeeper/session.h"

/// Posts many jobs straight to a board, as a service with a client of its own would: also where no conductor
/// is up, so that a backlog is there before anybody works on it. Prints how long it took, in seconds.
namespace baton::bench {
namespace {

using runtime::ExitCode;

constexpr std::size_t kUnderWayMax = 500;

struct Options {
  std::string hosts, board, flow, parameters = "{}", name = "load";
  std::int64_t shards = 1;
  std::size_t count = 1;
  std::vector<std::string> priorities{"NORMAL"};  // in turn
};

class Poster {
 public:
  Poster(runtime::AsioLoop& loop, ports::JobBoard& board, ports::Entropy& entropy, const Options& options)
      : loop_(loop), board_(board), entropy_(entropy), options_(options) {}

  /// Empty: all are posted.
  std::string run() {
    pump();
    loop_.run();
    return trouble_;
  }

 private:
  Posting next() {
    const auto details = Value::parse("{\"factory\": {\"name\": \"" + options_.flow +
                                      "\", \"args\": [], \"kwargs\": " + options_.parameters + "}}");
    const auto priority = priority_from(options_.priorities[begun_ % options_.priorities.size()]);
    return Posting::make(JobId(entropy_.uuid().to_string()), options_.name + "-" + std::to_string(begun_),
                         priority.value(), details.value())
        .value();
  }

  void pump() {
    for (; begun_ < options_.count && begun_ - done_ < kUnderWayMax; ++begun_)
      board_.post(next(), [this](const Result<std::string, ports::BoardError>& posted) {
        ++done_;
        if (!posted.ok()) trouble_ = posted.error().message;
        if (!trouble_.empty() || done_ == options_.count) return loop_.stop();
        pump();
      });
  }

  runtime::AsioLoop& loop_;
  ports::JobBoard& board_;
  ports::Entropy& entropy_;
  const Options& options_;
  std::size_t begun_ = 0, done_ = 0;
  std::string trouble_;
};

ExitCode run(const Options& options) {
  runtime::AsioLoop loop;
  runtime::OsEntropy entropy;
  zookeeper::Session session(
      {.hosts = options.hosts, .timeout = Millis{10'000}, .file = {}, .death_note = {}, .note = {}}, loop,
      loop);
  const auto board =
      zookeeper::make_board(session, zookeeper::board_paths(options.board, options.shards).value(),
                            "post_jobs", Incarnation(entropy.uuid()), entropy);
  const Micros began = loop.steady();
  const std::string trouble = Poster(loop, *board, entropy, options).run();
  if (!trouble.empty()) {
    std::cerr << "post_jobs: " << trouble << std::endl;
    return ExitCode::Unreachable;
  }
  std::printf("%.3f\n", static_cast<double>((loop.steady() - began).count()) / 1e6);
  return ExitCode::Success;
}

/// What is wrong with them; empty: nothing.
std::string problem_of(const Options& options) {
  if (const auto paths = zookeeper::board_paths(options.board, options.shards); !paths.ok())
    return paths.error();
  if (options.count == 0) return "--count 0: there is nothing to post";
  if (const auto read = Value::parse(options.parameters); !read.ok())
    return "--parameters: " + read.error().message;
  for (const auto& priority : options.priorities)
    if (!priority_from(priority)) return "'" + priority + "' is no priority";
  return {};
}

}  // namespace
}  // namespace baton::bench

int main(int argc, char** argv) {
  using namespace baton;
  bench::Options options;
  CLI::App app("Posts many jobs straight to a board; prints the seconds that it took.");
  app.add_option("--zookeeper", options.hosts, "host:port, …")->required();
  app.add_option("--board", options.board, "the board's folder of jobs")->required();
  app.add_option("--shards", options.shards, "as conductor.board_shards")->check(CLI::Range(1, 64));
  app.add_option("--count", options.count);
  app.add_option("--flow", options.flow, "a registered flow")->required();
  app.add_option("--parameters", options.parameters, "its parameters, a JSON object");
  app.add_option("--name", options.name, "what the jobs' names begin with");
  app.add_option("--priorities", options.priorities, "taken in turn")->delimiter(',');
  CLI11_PARSE(app, argc, argv);
  if (const auto wrong = bench::problem_of(options); !wrong.empty()) {
    std::cerr << "post_jobs: " << wrong << std::endl;
    return runtime::to_int(runtime::ExitCode::Usage);
  }
  return runtime::to_int(bench::run(options));
}
