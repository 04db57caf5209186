#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/runtime/asio_loop.h"
#include "common/runtime/os_entropy.h"
#include "common/sqlite/flow_file.h"
#include "local/flow_run.h"
#include "local/serial_executor.h"

/// local_bench memory|FILE wide|chain ATOMS: how long local mode takes for so many tasks that do nothing,
/// with the serial executor; one line of JSON. FILE: a state file, made anew.
namespace {

using namespace baton;

class Nothing final : public worker::TaskBody {
 public:
  worker::TaskOutcome run(const wire::Request&, worker::TaskControl&) const override { return Value(); }
};

engine::FlowSpec flow_of(std::string_view shape, std::size_t atoms) {
  engine::FlowSpec flow;
  flow.name = shape;
  flow.pattern = shape == "chain" ? engine::Pattern::Linear : engine::Pattern::Unordered;
  for (std::size_t i = 0; i < atoms; ++i) {
    engine::TaskSpec task;
    task.type = "nothing";
    task.name = "task-" + std::to_string(i);
    flow.nodes.emplace_back(std::move(task));
  }
  return flow;
}

struct Bench final : local::FlowRun::Listener {
  void on_end(FlowState state) override { end(std::string(to_string(state))); }
  void on_lost(const std::string& why) override { end(why); }
  void end(const std::string& how) {
    ended = how;
    loop.stop();
  }

  /// The job as a state file's first claim makes it.
  void claim() {
    ports::ClaimRequest request;
    request.new_flow = FlowId(entropy.uuid());
    request.posting =
        Posting::make(JobId("bench"), "bench", Priority::Normal, Value::from_stored("{}")).value();
    request.board_path = request.board_id = "local";
    request.lock_czxid = 1;
    store->claim(request, [this](const auto& outcome) {
      begin.flow = outcome->flow;
      begin.epoch = outcome->epoch;
      loop.stop();
    });
    loop.run();
  }

  double run(const std::string& where, std::string_view shape, std::size_t atoms) {
    (void)registry.add("nothing", "the bench", std::make_unique<Nothing>());
    begin.job = JobId("bench");
    begin.plan = engine::compile(flow_of(shape, atoms), {}).value();
    begin.epoch = {1, 1};
    keeper = std::make_unique<local::MemoryKeeper>(loop);
    if (where != "memory") {
      file = sqlite::FlowFile::open(where, sqlite::StateFile::IfMissing::Make, loop, loop).value();
      store = file->open_store();
      claim();
      keeper = std::make_unique<local::StoreKeeper>(*store);
    }
    local::SerialExecutor tasks(loop, registry);
    local::FlowRun flow(begin, {*keeper, tasks, loop, loop, nullptr},
                        {1, Incarnation(entropy.uuid()), "bench"}, *this);
    const auto began = std::chrono::steady_clock::now();
    flow.begin();
    loop.run();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  }

  runtime::AsioLoop loop;
  runtime::OsEntropy entropy;
  worker::TaskRegistry registry;
  std::unique_ptr<sqlite::FlowFile> file;
  std::unique_ptr<ports::FlowStore> store;
  std::unique_ptr<local::Keeper> keeper;
  local::Beginning begin;
  std::string ended;
};

}  // namespace

int main(int argc, char** argv) {
  const std::string_view shape = argc == 4 ? argv[2] : "";
  const long atoms = argc == 4 ? std::atol(argv[3]) : 0;
  if ((shape != "wide" && shape != "chain") || atoms <= 0) {
    std::cerr << "usage: local_bench memory|FILE wide|chain ATOMS\n";
    return 2;
  }
  Bench bench;
  const double seconds = bench.run(argv[1], shape, static_cast<std::size_t>(atoms));
  std::printf("{\"atoms\": %ld, \"seconds\": %.6f, \"state\": \"%s\"}\n", atoms, seconds,
              bench.ended.c_str());
  return bench.ended == "SUCCESS" ? 0 : 1;
}
