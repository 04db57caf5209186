#include <unistd.h>

#include <catch2/catch.hpp>

#include "common/zookeeper/directory.h"
#include "common/zookeeper/job_board.h"
#include "common/zookeeper/session.h"
#include "tests/support/asio_pump.h"
#include "tests/support/coordination_world.h"
#include "tests/support/services.h"
#include "tests/support/session_ender.h"

namespace baton::test {
namespace {

zookeeper::Session::Settings session_settings(const std::string& hosts, Millis timeout,
                                              const std::string& file,
                                              std::function<void(const std::string&)> note) {
  zookeeper::Session::Settings settings;
  settings.hosts = hosts;
  settings.timeout = timeout;
  settings.file = file;
  settings.note = std::move(note);
  return settings;
}

zookeeper::BoardPath board_path(const std::string& path) {
  auto parsed = zookeeper::BoardPath::parse(path);
  REQUIRE(parsed.ok());
  return *parsed;
}

class HurriedClock final : public ports::Clock {
 public:
  explicit HurriedClock(ports::Clock& real) : real_(real) {}
  TimePoint wall() const override { return real_.wall(); }
  Micros steady() const override { return real_.steady(); }
  ports::TimerId after(Millis delay, std::function<void()> then) override {
    return real_.after(delay < Millis{30'000} ? delay : Millis{500}, std::move(then));
  }
  void cancel(ports::TimerId id) override { real_.cancel(id); }

 private:
  ports::Clock& real_;
};

struct ZooKeeperProcess final : Process {
  ZooKeeperProcess(runtime::AsioLoop& loop, ports::Clock& clock, ports::Entropy& entropy,
                   const std::function<zookeeper::Session::Settings(const std::string& file)>& settings,
                   const std::string& board, const std::string& root, const std::string& owner)
      : file("/tmp/" + unique_name("baton-session")),
        session(settings(file), loop, clock),
        jobs(session, {board_path(board), owner, Incarnation(entropy.uuid())}, entropy),
        who(session, {root, board_path(board).entities()}) {}
  ~ZooKeeperProcess() override { ::unlink(file.c_str()); }
  ports::JobBoard& board() override { return jobs; }
  ports::Directory& directory() override { return who; }
  void expire() override { end_session_of_file(file); }

  const std::string file;
  zookeeper::Session session;
  zookeeper::ZooKeeperJobBoard jobs;
  zookeeper::ZooKeeperDirectory who;
};

}  // namespace

ZooKeeperWorld::ZooKeeperWorld(std::string hosts, Millis session_timeout)
    : World("/taskflow/" + unique_name("board"), static_cast<std::uint64_t>(::getpid())),
      hurried_clock_(std::make_unique<HurriedClock>(loop_)),
      hosts_(hosts.empty() ? services().zookeeper : std::move(hosts)),
      session_timeout_(session_timeout),
      other_(std::make_unique<zookeeper::Session>(session_settings(hosts_, session_timeout, {}, {}), loop_,
                                                  loop_)) {}

ZooKeeperWorld::~ZooKeeperWorld() = default;

Process& ZooKeeperWorld::process(const std::string& owner) {
  return process_through(hosts_, owner);
}

Process& ZooKeeperWorld::process_through(const std::string& hosts, const std::string& owner) {
  return add(loop_, hosts, owner);
}

Process& ZooKeeperWorld::hurried_process_through(const std::string& hosts, const std::string& owner) {
  return add(*hurried_clock_, hosts, owner);
}

Process& ZooKeeperWorld::add(ports::Clock& clock, const std::string& hosts, const std::string& owner) {
  const auto settings = [&](const std::string& file) {
    return session_settings(hosts, session_timeout_, file,
                            [this](const std::string& line) { notes.push_back(line); });
  };
  processes_.push_back(
      std::make_unique<ZooKeeperProcess>(loop_, clock, entropy_, settings, board(), root(), owner));
  return *processes_.back();
}

bool ZooKeeperWorld::run(const std::function<bool()>& until, Millis limit) {
  return pump_loop(loop_, until, limit);
}

void ZooKeeperWorld::create(const std::string& path, const std::string& data) {
  const std::string folder = path.substr(0, path.rfind('/'));
  const auto there =
      await<Result<void, zookeeper::Error>>([&](auto done) { other_->ensure_path(folder, done); });
  REQUIRE(there.ok());
  const auto made = await<Result<std::string, zookeeper::Error>>(
      [&](auto done) { other_->create(path, data, zookeeper::NodeKind::Persistent, done); });
  REQUIRE(made.ok());
}

void ZooKeeperWorld::remove(const std::string& path) {
  const auto gone = await<Result<void, zookeeper::Error>>(
      [&](auto done) { other_->remove(path, zookeeper::kAnyVersion, done); });
  REQUIRE(gone.ok());
}

std::optional<std::string> ZooKeeperWorld::data(const std::string& path) {
  const auto node =
      await<Result<zookeeper::Node, zookeeper::Error>>([&](auto done) { other_->get(path, done); });
  if (!node.ok()) return std::nullopt;
  return node->data;
}

std::vector<std::string> ZooKeeperWorld::children(const std::string& folder) {
  const auto names = await<Result<std::vector<std::string>, zookeeper::Error>>(
      [&](auto done) { other_->children(folder, done); });
  return names.ok() ? *names : std::vector<std::string>{};
}

}  // namespace baton::test
