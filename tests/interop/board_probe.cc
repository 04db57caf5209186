/// Our board on the command line, for the test that plays it against Python's TaskFlow.
///   board_probe HOSTS BOARD OWNER
/// Reads one JSON command a line and answers each with one line {"answer": …}; what the board tells on its
/// own comes as {"event": …} lines between them. Ends, with its session, at the end of its input.
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <iostream>
#include <thread>

#include "common/runtime/asio_loop.h"
#include "common/runtime/os_entropy.h"
#include "common/zookeeper/directory.h"
#include "common/zookeeper/job_board.h"
#include "common/zookeeper/session.h"

namespace {

namespace json = boost::json;
using namespace baton;
using namespace baton::ports;

json::string text(std::string_view view) {
  return json::string(view.data(), view.size());
}

std::string field(const json::object& command, const char* name) {
  const auto& string = command.at(name).as_string();
  return {string.data(), string.size()};
}

void print(const json::object& line) {
  std::cout << json::serialize(line) << std::endl;
}

json::object view(const BoardJob& job) {
  return {{"path", text(job.path)},
          {"uuid", text(job.posting.uuid.value)},
          {"name", text(job.posting.name)},
          {"priority", text(to_string(job.posting.priority))},
          {"posting", job.posting.raw.tree()},
          {"claimed", job.claimed}};
}

const char* name_of(BoardErrorCode code) {
  switch (code) {
    case BoardErrorCode::AlreadyClaimed:
      return "AlreadyClaimed";
    case BoardErrorCode::JobGone:
      return "JobGone";
    case BoardErrorCode::NotOwner:
      return "NotOwner";
    case BoardErrorCode::SessionLost:
      return "SessionLost";
    case BoardErrorCode::Unavailable:
      return "Unavailable";
    case BoardErrorCode::Refused:
      return "Refused";
    case BoardErrorCode::TooLarge:
      return "TooLarge";
  }
  return "?";
}

void print_error(const BoardError& error) {
  print({{"answer", nullptr}, {"error", name_of(error.code)}, {"message", text(error.message)}});
}

class Probe final : public JobBoard::Listener {
 public:
  Probe(const std::string& hosts, const zookeeper::BoardPath& path, const std::string& owner)
      : owner_(owner),
        session_({hosts, Millis{4000}, {}, {}}, loop_, loop_),
        board_(session_, {path, owner, incarnation_}, entropy_),
        directory_(session_, {path.id_folder(), path.entities()}) {}

  void run() {
    board_.open(*this);
    std::thread reader([this] {
      for (std::string line; std::getline(std::cin, line);) loop_.post([this, line] { obey(line); });
      loop_.post([this] { loop_.stop(); });
    });
    loop_.run();
    reader.join();
  }

  void on_job(const BoardJob& job) override { print({{"event", "job"}, {"job", view(job)}}); }
  void on_gone(const std::string& path) override { print({{"event", "gone"}, {"path", text(path)}}); }
  void on_unreadable(const std::string& path, const std::string& why) override {
    print({{"event", "unreadable"}, {"path", text(path)}, {"why", text(why)}});
  }
  void on_claim_lost(const std::string& path) override {
    print({{"event", "claim_lost"}, {"path", text(path)}});
  }
  void on_listed() override { print({{"event", "listed"}}); }
  void on_disconnected() override {}
  void on_session_lost() override {}

 private:
  void obey(const std::string& line) {
    const auto command = json::parse(line).as_object();
    const auto verb = field(command, "do");
    if (verb == "post") return post(command);
    if (verb == "list") return list();
    if (verb == "owner") return board_.owner(field(command, "path"), answer_text());
    if (verb == "claim") return claim(field(command, "path"));
    if (verb == "join") return join();
    const auto& held = claims_.at(field(command, "path"));
    if (verb == "abandon") return board_.abandon(held, answer_done());
    if (verb == "consume") return board_.consume(held, answer_done());
    if (verb == "trash") return board_.trash(held, field(command, "reason"), answer_done());
    print({{"answer", nullptr}, {"error", "unknown verb"}});
  }

  void post(const json::object& command) {
    const auto priority = priority_from(field(command, "priority"));
    const auto details = Value::from(command.at("details"));
    const auto posting = Posting::make(JobId(field(command, "uuid")), field(command, "name"),
                                       priority.value_or(Priority::Normal), *details);
    board_.post(*posting, answer_text());
  }

  void list() {
    board_.list([](const Result<std::vector<BoardJob>, BoardError>& jobs) {
      if (!jobs.ok()) return print_error(jobs.error());
      json::array all;
      for (const auto& job : *jobs) all.emplace_back(view(job));
      print({{"answer", std::move(all)}});
    });
  }

  void claim(const std::string& path) {
    board_.claim(path, [this](const Result<BoardClaim, BoardError>& held) {
      if (!held.ok()) return print_error(held.error());
      claims_[held->path] = *held;
      print({{"answer", text(held->uuid.value)}});
    });
  }

  void join() {
    const Member member{owner_, incarnation_, "localhost", ::getpid(), "test", ""};
    directory_.join(member, [](const Result<void, DirectoryError>& done) { print({{"answer", done.ok()}}); });
  }

  static JobBoard::Done<std::string> answer_text() {
    return [](const Result<std::string, BoardError>& result) {
      if (!result.ok()) return print_error(result.error());
      print({{"answer", text(*result)}});
    };
  }

  static JobBoard::Done<void> answer_done() {
    return [](const Result<void, BoardError>& result) {
      if (!result.ok()) return print_error(result.error());
      print({{"answer", "done"}});
    };
  }

  const std::string owner_;
  runtime::AsioLoop loop_;
  runtime::OsEntropy entropy_;
  const Incarnation incarnation_{entropy_.uuid()};
  zookeeper::Session session_;
  zookeeper::ZooKeeperJobBoard board_;
  zookeeper::ZooKeeperDirectory directory_;
  std::map<std::string, BoardClaim> claims_;
};

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) {
    std::cerr << "usage: board_probe HOSTS BOARD OWNER\n";
    return 2;
  }
  const auto path = zookeeper::BoardPath::parse(arguments[2]);
  if (!path.ok()) {
    std::cerr << path.error() << "\n";
    return 2;
  }
  Probe(arguments[1], *path, arguments[3]).run();
  return 0;
}
