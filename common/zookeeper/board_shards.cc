#include "common/zookeeper/board_shards.h"

#include <zookeeper/zookeeper.h>

#include <algorithm>
#include <chrono>

#include "common/model/name_list.h"
#include "common/zookeeper/advert_json.h"
#include "common/zookeeper/awaited_session.h"
#include "common/zookeeper/board_id.h"

namespace baton::zookeeper {
namespace {

using ports::BoardError;
using ports::BoardErrorCode;

constexpr int kIdBytesMax = 1024 * 1024;  // more ZooKeeper keeps in no node, as it is set up as a rule

BoardError away(const std::string& what, int code) {
  return {BoardErrorCode::Unavailable, what + ": " + zerror(code)};
}

BoardError refused(const std::string& why) {
  return {BoardErrorCode::Refused, why};
}

struct Read {
  int code = ZOK;
  std::string data;
  std::int32_t version = 0;
};

Read read(zhandle_t* handle, const std::string& path) {
  Read read;
  read.data.resize(kIdBytesMax);
  int length = kIdBytesMax;
  ::Stat stat{};
  read.code = zoo_get(handle, path.c_str(), 0, read.data.data(), &length, &stat);
  read.data.resize(read.code == ZOK ? static_cast<std::size_t>(std::max(length, 0)) : 0);
  read.version = stat.version;
  return read;
}

struct Names {
  int code = ZOK;
  std::vector<std::string> names;  // none where the folder is not there
};

Names names_in(zhandle_t* handle, const std::string& folder) {
  Names found;
  String_vector names{};
  found.code = zoo_get_children(handle, folder.c_str(), 0, &names);
  if (found.code == ZNONODE) return {};
  if (found.code != ZOK) return found;
  for (std::int32_t i = 0; i < names.count; ++i) found.names.emplace_back(names.data[i]);
  deallocate_String_vector(&names);
  return found;
}

/// How many jobs stand in each of these; those without any are left out.
Result<std::map<std::string, std::size_t>, BoardError> jobs_in(zhandle_t* handle,
                                                               const std::vector<std::string>& folders) {
  std::map<std::string, std::size_t> jobs;
  for (const auto& folder : folders) {
    const Names found = names_in(handle, folder);
    if (found.code != ZOK) return Fail(away("the jobs in " + folder, found.code));
    const auto count = std::count_if(found.names.begin(), found.names.end(), BoardPath::is_job);
    if (count > 0) jobs[folder] = static_cast<std::size_t>(count);
  }
  return jobs;
}

/// "name@host" of each conductor that is there.
Result<std::vector<std::string>, BoardError> conductors_of(zhandle_t* handle, const std::string& fleet) {
  const Names found = names_in(handle, fleet + "/conductors");
  if (found.code != ZOK) return Fail(away("the conductors of " + fleet, found.code));
  std::vector<std::string> conductors;
  for (const auto& name : found.names) {
    const Read node = read(handle, fleet + "/conductors/" + name);
    const auto member = member_from_json(node.data);
    conductors.push_back(member ? member->name + "@" + member->host : name);
  }
  return conductors;
}

std::string shown(const std::map<std::string, std::size_t>& jobs) {
  std::vector<std::string> parts;
  for (const auto& [folder, count] : jobs) parts.push_back(std::to_string(count) + " in " + folder);
  return joined(parts);
}

/// Why the number may not be changed now.
Result<void, BoardError> may_change(zhandle_t* handle, const ShardsRequest& asked, const BoardPath& board) {
  const auto conductors = conductors_of(handle, asked.fleet);
  if (!conductors.ok()) return Fail(conductors.error());
  if (!conductors->empty())
    return Fail(refused("conductors are at work on the board " + board.whole() + ": " + joined(*conductors) +
                        "\n  hint: end them all, then run this again, then start them with the same number"));
  const auto left = jobs_in(handle, board.unlisted_folders(asked.shards));
  if (!left.ok()) return Fail(left.error());
  if (!left->empty())
    return Fail(refused("jobs would be left where no conductor looks any more: " + shown(*left) +
                        "\n  hint: let conductors with the number of before bring them to their end first; "
                        "who posts meanwhile can wait"));
  return {};
}

Result<ShardsOutcome, BoardError> change(zhandle_t* handle, const ShardsRequest& asked,
                                         const BoardPath& board) {
  const Read node = read(handle, board.id_node());
  if (node.code == ZNONODE) return ShardsOutcome{asked.shards, false, {}};
  if (node.code != ZOK) return Fail(away(board.id_node(), node.code));
  BoardId said = BoardId::parse(node.data);
  ShardsOutcome outcome{said.shards_of(board), true, {}, {}};
  if (outcome.found == asked.shards) return outcome;
  if (const auto may = may_change(handle, asked, board); !may.ok()) return Fail(may.error());
  if (asked.dry_run) return outcome;
  said.note_shards(board, asked.shards);
  const std::string data = said.data();
  // Whoever began to use the board since it was read has written its id.
  const int code =
      zoo_set(handle, board.id_node().c_str(), data.data(), static_cast<int>(data.size()), node.version);
  if (code == ZBADVERSION)
    return Fail(refused("somebody has begun to use the board " + board.whole() +
                        " meanwhile\n  hint: end all conductors and run this again"));
  if (code != ZOK) return Fail(away(board.id_node(), code));
  const auto strays = jobs_in(handle, board.unlisted_folders(asked.shards));
  if (strays.ok())
    outcome.strays = *strays;
  else
    outcome.trouble = strays.error().message;
  return outcome;
}

}  // namespace

ShardsLook look_at_shards(zhandle_t* handle, const BoardPath& board) {
  ShardsLook look;
  look.board = board.whole();
  const Read node = read(handle, board.id_node());
  look.there = node.code == ZOK;
  if (node.code != ZOK && node.code != ZNONODE) look.trouble = away(board.id_node(), node.code).message;
  if (!look.there) return look;
  const BoardId said = BoardId::parse(node.data);
  look.noted = said.shards_of(board);
  if (!said.notes_shards_of(board)) return look;  // what lies beside it is of other boards
  const auto strays = jobs_in(handle, board.unlisted_folders(look.noted));
  if (strays.ok())
    look.strays = *strays;
  else
    look.trouble = strays.error().message;
  return look;
}

Result<ShardsOutcome, BoardError> change_shards(const ShardsRequest& asked) {
  const auto board = BoardPath::parse(asked.board);
  if (!board.ok()) return Fail(refused("conductor.board_path: " + board.error()));
  if (asked.shards > 1)
    if (const auto shard = board->shard(0, asked.shards); !shard.ok())
      return Fail(refused("conductor.board_shards: " + shard.error()));
  AwaitedSession session(asked.hosts, static_cast<int>(asked.timeout.count()), nullptr);
  if (!session.handle() ||
      session.wait(std::chrono::steady_clock::now() + asked.deadline) != ZOO_CONNECTED_STATE)
    return Fail(BoardError{BoardErrorCode::Unavailable,
                           "ZooKeeper at " + asked.hosts + " gives no session (zookeeper.hosts)"});
  return change(session.handle(), asked, *board);
}

}  // namespace baton::zookeeper
