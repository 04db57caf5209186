#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>

#include "common/memory/directory.h"
#include "common/memory/event_loop.h"
#include "common/memory/job_board.h"
#include "common/memory/seeded_entropy.h"
#include "common/ports/directory.h"
#include "common/ports/job_board.h"
#include "common/runtime/asio_loop.h"

/// Two worlds for one contract: board and directory in memory, and on a real ZooKeeper. Each makes processes
/// (one session with a board and a directory) and plays another client, the server and the network.
namespace baton::zookeeper {
class Session;
}
namespace baton::test {

/// Writes down what a board told.
struct BoardLog final : ports::JobBoard::Listener {
  std::map<std::string, ports::BoardJob> jobs;  // by path
  std::map<std::string, std::string> unreadable;
  std::vector<std::string> gone, lost_claims, stuck, refusals;
  std::map<std::string, std::size_t> strays;  // by folder
  int unreadable_told = 0, listed = 0, disconnected = 0, sessions_lost = 0;

  void on_job(const ports::BoardJob& job) override { jobs[job.path] = job; }
  void on_gone(const std::string& path) override {
    jobs.erase(path);
    unreadable.erase(path);
    gone.push_back(path);
  }
  void on_unreadable(const std::string& path, const std::string& why) override {
    unreadable[path] = why;
    ++unreadable_told;
  }
  void on_claim_lost(const std::string& path) override { lost_claims.push_back(path); }
  void on_stuck_lock(const std::string& path, const std::string&) override { stuck.push_back(path); }
  void on_stuck_lock_gone(const std::string& path) override { std::erase(stuck, path); }
  void on_refused(const std::string& why) override { refusals.push_back(why); }
  void on_stray(const std::string& folder, std::size_t count) override { strays[folder] = count; }
  void on_listed() override { ++listed; }
  void on_disconnected() override { ++disconnected; }
  void on_session_lost() override {
    ++sessions_lost;
    jobs.clear();
    listed = 0;
  }
};

/// Writes down what a directory told.
struct DirectoryLog final : ports::Directory::Listener {
  std::vector<ports::Advert> workers;
  std::vector<Incarnation> dead;
  std::vector<ports::Member> conductors;
  ports::Culprits culprits;
  std::map<Incarnation, ports::LastTasks> last_tasks;
  std::vector<std::string> unreadable;  // paths
  int pictures = 0, sessions_lost = 0;

  void on_workers(const std::vector<ports::Advert>& adverts, const std::vector<Incarnation>& noted) override {
    workers = adverts;
    dead = noted;
    ++pictures;
  }
  void on_conductors(const std::vector<ports::Member>& members) override { conductors = members; }
  void on_culprits(const ports::Culprits& told) override { culprits = told; }
  void on_unreadable(const std::string& path, const std::string&) override { unreadable.push_back(path); }
  void on_last_tasks(const std::map<Incarnation, ports::LastTasks>& told) override { last_tasks = told; }
  void on_session_lost() override {
    ++sessions_lost;
    pictures = 0;
  }
};

struct Process {
  virtual ~Process() = default;
  virtual ports::JobBoard& board() = 0;
  virtual ports::Directory& directory() = 0;
  /// Its session ends at the server, as if it had been silent for too long; it learns so.
  virtual void expire() = 0;
  BoardLog board_log;
  DirectoryLog directory_log;
};

class World {
 public:
  virtual ~World() = default;
  virtual Process& process(const std::string& owner) = 0;
  /// Runs until the condition holds; false: not within the limit (of virtual time in memory).
  bool pump(const std::function<bool()>& until, Millis limit = Millis{20'000}) { return run(until, limit); }

  // Another client of the same tree.
  virtual void create(const std::string& path, const std::string& data) = 0;
  virtual void remove(const std::string& path) = 0;
  virtual std::optional<std::string> data(const std::string& path) = 0;
  virtual std::vector<std::string> children(const std::string& folder) = 0;

  const std::string& root() const { return root_; }        // the fleet's
  std::string board() const { return parent_ + "/jobs"; }  // the board's path
  const std::string& parent() const { return parent_; }
  Incarnation incarnation() { return Incarnation(entropy_.uuid()); }
  JobId uuid() { return JobId(entropy_.uuid().to_string()); }

  /// Calls the verb and runs until its callback has been called, which must not be inline.
  template <class R, class Verb>
  R await(Verb verb) {
    auto answer = std::make_shared<std::optional<R>>();
    verb([answer](R result) { *answer = std::move(result); });
    if (answer->has_value() || !pump([&] { return answer->has_value(); }))
      fail_without_answer(answer->has_value());
    return std::move(**answer);
  }

 protected:
  virtual bool run(const std::function<bool()>& until, Millis limit) = 0;
  World(std::string parent, std::uint64_t seed)
      : parent_(std::move(parent)), root_(parent_ + "/.baton"), entropy_(seed) {}
  [[noreturn]] static void fail_without_answer(bool inline_call);
  const std::string parent_, root_;
  memory::SeededEntropy entropy_;
};

class MemoryWorld final : public World {
 public:
  MemoryWorld();
  Process& process(const std::string& owner) override;
  void create(const std::string& path, const std::string& data) override { ensemble_.create(path, data); }
  void remove(const std::string& path) override { ensemble_.remove(path); }
  std::optional<std::string> data(const std::string& path) override;
  std::vector<std::string> children(const std::string& folder) override { return ensemble_.children(folder); }

 private:
  bool run(const std::function<bool()>& until, Millis limit) override {
    return loop_.run_until(until, limit);
  }

  memory::EventLoop loop_;
  memory::MemoryEnsemble ensemble_;
  std::deque<std::unique_ptr<Process>> processes_;
};

class ZooKeeperWorld final : public World {
 public:
  /// On the services' server, or on one of the test's own.
  explicit ZooKeeperWorld(std::string hosts = {}, Millis session_timeout = Millis{4000});
  ~ZooKeeperWorld() override;
  Process& process(const std::string& owner) override;
  void create(const std::string& path, const std::string& data) override;
  void remove(const std::string& path) override;
  std::optional<std::string> data(const std::string& path) override;
  std::vector<std::string> children(const std::string& folder) override;

  /// A process whose way to the server is another one, such as a proxy.
  Process& process_through(const std::string& hosts, const std::string& owner);
  /// … and who does in half a second what others do every half minute.
  Process& hurried_process_through(const std::string& hosts, const std::string& owner);
  /// What the sessions had to say, a line each.
  std::vector<std::string> notes;

 private:
  bool run(const std::function<bool()>& until, Millis limit) override;
  Process& add(ports::Clock&, const std::string& hosts, const std::string& owner);

  runtime::AsioLoop loop_;
  const std::unique_ptr<ports::Clock> hurried_clock_;
  const std::string hosts_;
  const Millis session_timeout_;
  std::unique_ptr<zookeeper::Session> other_;
  std::deque<std::unique_ptr<Process>> processes_;
};

}  // namespace baton::test
