#include "client/local/dev.h"
#include "client/command/printing.h"

#include <unistd.h>

#include <ostream>

#include "client/command/refusal.h"
#include "client/local/kept_board.h"
#include "client/local/system_refusal.h"
#include "common/memory/directory.h"
#include "common/memory/job_board.h"
#include "common/memory/message_bus.h"
#include "common/model/version.h"
#include "common/runtime/asio_loop.h"
#include "common/runtime/log.h"
#include "common/runtime/metrics.h"
#include "common/runtime/os_entropy.h"
#include "common/runtime/signals.h"
#include "common/sqlite/flow_file.h"
#include "conductor/api/api_server.h"
#include "conductor/conductor.h"
#include "conductor/hooks/hook_file.h"
#include "conductor/hooks/hook_threads.h"
#include "conductor/modules/module_catalogue.h"
#include "flowfile/disk.h"
#include "local/task_types.h"
#include "worker/thread_executor.h"
#include "worker/worker.h"

namespace baton::client {
namespace {

constexpr std::int32_t kPartitions = 4;  // one inbox for each of the two is taken
constexpr Millis kDrain{5'000};

/// What stands in for ZooKeeper and Kafka.
struct Servers {
  explicit Servers(runtime::AsioLoop& loop) : ensemble(loop, loop, entropy) {}

  runtime::OsEntropy entropy;
  memory::MemoryEnsemble ensemble;
  memory::MemoryBroker broker{kPartitions};
};

/// One process of a cluster, as far as the servers see.
struct Seat {
  Seat(Servers& servers, runtime::AsioLoop& loop)
      : session(servers.ensemble), directory(session), bus(servers.broker, loop, loop) {}

  memory::MemorySession session;
  memory::MemoryDirectory directory;
  memory::MemoryMessageBus bus;
};

class Dev {
 public:
  Dev(const Context& context, const DevOptions& options)
      : context_(context), options_(options), servers_(loop_) {}

  Ended run() {
    if (const auto ended = open()) return *ended;
    start_worker();
    if (const auto ended = start_conductor()) return *ended;
    const runtime::Signals signals(
        loop_, [this] { stop(); }, static_cast<int>(Ended::Stopped));
    loop_.run();
    api_->close();
    return ended_;
  }

 private:
  std::optional<Ended> open();
  void start_worker();
  std::optional<Ended> start_conductor();
  void ready();
  void stop();
  void drained();

  const Context& context_;
  const DevOptions& options_;
  runtime::AsioLoop loop_;
  runtime::Metrics metrics_;
  Servers servers_;
  std::unique_ptr<sqlite::FlowFile> file_;
  conductor::ModuleCatalogue catalogue_;
  local::TaskTypes types_;

  // The conductor listens to what ends before it; the worker's ports outlive it.
  std::unique_ptr<conductor::Conductor> conductor_;
  std::unique_ptr<Seat> workers_seat_, conductors_seat_;
  std::unique_ptr<memory::MemoryJobBoard> memory_board_;
  std::unique_ptr<KeptBoard> board_;
  std::unique_ptr<ports::FlowStore> store_;
  conductor::HookBook hook_book_;
  std::unique_ptr<conductor::HookThreads> hook_threads_;
  std::unique_ptr<worker::ThreadExecutor> tasks_;
  std::unique_ptr<worker::Worker> worker_;
  std::unique_ptr<api::ApiServer> api_;
  int to_be_ready_ = 2;  // worker and conductor
  Ended ended_ = Ended::Success;
};

std::optional<Ended> Dev::open() {
  if (const auto loaded = catalogue_.load(options_.modules); !loaded.ok())
    return refuse_as(context_, Ended::Usage, loaded.error());
  if (!options_.hooks.empty()) {
    auto hooks = conductor::read_hooks(options_.hooks, flowfile::from_disk());
    if (!hooks.ok()) return refuse_as(context_, Ended::Usage, hooks.error());
    hook_book_ = conductor::HookBook(std::move(hooks).value());
  }
  auto file = sqlite::FlowFile::open(options_.state, sqlite::StateFile::IfMissing::Make, loop_, loop_);
  if (!file.ok())
    return refuse_as(
        context_, file.error().kind == sqlite::FileError::Kind::Trouble ? Ended::Unreachable : Ended::Refused,
        file.error().message);
  file_ = std::move(file).value();
  if (const auto* job = file_->only_job(); job && !job->board_path.starts_with("/"))
    return refuse_as(
        context_, Ended::Refused,
        options_.state + " is a state file of baton run\n  hint: name another file with --state");
  const auto loaded = types_.load({options_.modules, options_.commands}, file_->lock_descriptor());
  if (!loaded.ok()) return refuse_as(context_, Ended::Usage, loaded.error());
  return std::nullopt;
}

void Dev::start_worker() {
  workers_seat_ = std::make_unique<Seat>(servers_, loop_);
  tasks_ = std::make_unique<worker::ThreadExecutor>(loop_, types_.registry, options_.slots);
  ports::Advert about;
  about.name = about.host = "dev";
  about.incarnation = Incarnation(servers_.entropy.uuid());
  about.version = kBatonVersion;
  about.pid = ::getpid();
  worker::RunnerLimits limits;
  limits.slots = options_.slots;
  worker_ = std::make_unique<worker::Worker>(
      worker::TaskRunner::Ports{workers_seat_->bus, loop_, loop_, workers_seat_->directory, *tasks_}, limits,
      about, types_.registry.types(),
      worker::Worker::Events{[this] { ready(); },
                             [this](worker::Worker::End, const std::string&) { drained(); }});
  worker_->start();
}

std::optional<Ended> Dev::start_conductor() {
  conductors_seat_ = std::make_unique<Seat>(servers_, loop_);
  ports::Member self;
  self.name = self.host = "dev";
  self.incarnation = Incarnation(servers_.entropy.uuid());
  self.pid = ::getpid();
  self.version = kBatonVersion;
  memory_board_ = std::make_unique<memory::MemoryJobBoard>(
      conductors_seat_->session,
      memory::MemoryJobBoard::Settings{"/taskflow/jobs", "dev@" + std::to_string(self.pid)});
  board_ = std::make_unique<KeptBoard>(*memory_board_, *file_);
  store_ = file_->open_store();
  hook_threads_ = std::make_unique<conductor::HookThreads>(loop_, loop_, flowfile::from_disk());
  conductor_ = std::make_unique<conductor::Conductor>(
      conductor::Conductor::Ports{*board_, *store_, conductors_seat_->bus, conductors_seat_->directory, loop_,
                                  loop_, servers_.entropy, catalogue_, nullptr, &hook_book_,
                                  hook_threads_.get()},
      self, conductor::Bounds{});
  api::ApiSettings where;
  where.port = options_.port;
  api_ = std::make_unique<api::ApiServer>(loop_.io_context(), where,
                                          api::Backend{*store_, *board_, *conductor_, conductor_->feed(),
                                                       catalogue_, loop_, servers_.entropy, metrics_});
  if (const auto opened = api_->open(); !opened.ok())
    return refuse_as(context_, Ended::Unreachable, opened.error());
  conductor_->api_at("127.0.0.1:" + std::to_string(api_->port()));
  conductor_->start([this](const std::string& refused) {
    if (refused.empty()) return ready();
    refuse_as(context_, Ended::Refused, refused);
    ended_ = Ended::Refused;
    loop_.stop();
  });
  board_->post_again();
  return std::nullopt;
}

void Dev::ready() {
  if (--to_be_ready_ > 0) return;
  if (context_.json)
    print_json(context_, "{\"api\": \"http://127.0.0.1:" + std::to_string(api_->port()) +
                             "\", \"state\": " + quoted(options_.state) + "}");
  else
    context_.out << "baton dev: http://127.0.0.1:" << api_->port() << ", jobs in " << options_.state
                 << "; Ctrl-C ends it" << std::endl;
}

/// What runs ends and is recorded; the rest goes on at the next start.
void Dev::stop() {
  worker_->drain(kDrain);
}

void Dev::drained() {
  conductor_->drain([this](bool) { loop_.stop(); });
}

}  // namespace

Ended run_dev(const Context& context, const DevOptions& options) {
  runtime::start_logging(runtime::LogLevel::Warning, runtime::LogFormat::Text);
  auto ended = Ended::Success;
  const auto refused = refused_by_system([&] { ended = Dev(context, options).run(); });
  return refused ? refuse_as(context, Ended::Unreachable, *refused) : ended;
}

}  // namespace baton::client
