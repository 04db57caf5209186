#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "common/zookeeper/board_path.h"

namespace baton::zookeeper {

/// What the node says that is a board's id: {"id": "<uuid>", "generation": 3, "shards": {"jobs": 4}}. The
/// number of shards is by the board's last name, as boards of one parent share the node; none is noted of a
/// board that has always had one folder.
struct BoardId {
  /// Anything else that somebody wrote there is an id as well as any: its bytes.
  static BoardId parse(const std::string& data);
  std::string data() const;

  /// What is noted of this board; 1 where nothing is.
  std::size_t shards_of(const BoardPath&) const;
  bool notes_shards_of(const BoardPath& board) const { return shards.contains(name_of(board)); }
  void note_shards(const BoardPath& board, std::size_t number) { shards[name_of(board)] = number; }

  std::string id;
  std::uint32_t generation = 0;
  std::map<std::string, std::size_t> shards;

 private:
  static std::string name_of(const BoardPath& board) {
    return std::string(BoardPath::name_of(board.whole()));
  }
};

/// Why who is told another number of shards than is noted may do nothing on the board, and what to do.
std::string other_shards(const BoardPath&, std::size_t noted);

}  // namespace baton::zookeeper
