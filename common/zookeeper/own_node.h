#pragma once

#include <memory>
#include <optional>

#include "common/ports/directory.h"
#include "common/zookeeper/session.h"

namespace baton::zookeeper {

/// A border's word for ZooKeeper's error.
ports::DirectoryError to_directory_error(const Error&);

/// One ephemeral node of this process, kept as wished: written now, at each change, and again in each new
/// session. Its path contains our incarnation, so a node of another session there is of our own earlier one,
/// and is replaced: whoever finds it later must not see it vanish with that session.
class OwnNode : public std::enable_shared_from_this<OwnNode> {
 public:
  using Done = ports::Directory::Done<void>;
  static constexpr Millis kAnswerLimit{10'000};  // then the caller hears Unavailable; the wish stays
  static constexpr Millis kRetry{1'000};         // after the server refused

  OwnNode(Session& session, std::string path) : session_(session), path_(std::move(path)) {}
  ~OwnNode();

  void put(std::string data, Done);
  void remove(Done);
  void on_connected() { work(); }
  void on_session_lost();
  const std::string& path() const { return path_; }

 private:
  struct Waiter {
    std::uint64_t wish = 0;
    ports::TimerId timer = 0;
    Done done;
  };

  void wish(std::optional<std::string> data, Done);
  void work();
  void create();
  void take_over();
  void write();
  void erase();
  void landed(std::uint64_t wish, bool exists);
  void failed(const Error&);
  void answer(std::uint64_t up_to_wish, const Result<void, ports::DirectoryError>&);

  Session& session_;
  const std::string path_;
  std::optional<std::string> data_;  // empty: no node
  std::uint64_t wish_ = 0;           // counts what was asked for
  std::uint64_t landed_ = 0;         // the last wish that the server has, in this session
  bool exists_ = false;              // in this session, by us
  bool under_way_ = false, made_folder_ = false;
  std::uint64_t round_ = 0;  // answers of an earlier session belong to an earlier round
  std::vector<Waiter> waiters_;
  ports::TimerId retry_ = 0;
};

}  // namespace baton::zookeeper
