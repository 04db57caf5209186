#pragma once

#include <map>

#include "common/zookeeper/board_listing.h"

namespace baton::zookeeper {

/// The verbs of those who hold nothing: post, list, owner.
class BoardPosts : public std::enable_shared_from_this<BoardPosts> {
 public:
  template <class T>
  using Done = ports::JobBoard::Done<T>;

  BoardPosts(Session&, BoardPath, BoardHome&, BoardListing&);

  /// One node for a uuid and run: posts of the same one that are under way are one; where the board is
  /// watched, what is on it is not posted again; after a lost reply the board is searched first.
  void post(const Posting&, Done<std::string>);
  void list(Done<std::vector<ports::BoardJob>>);
  void owner(const std::string& path, Done<std::string>);

 private:
  struct Post;
  struct Fresh {
    std::string path;
    std::uint64_t session = 0;
    std::uint64_t listings = 0;  // begun when it was posted: a later one knows better
  };
  using Key = std::pair<std::string, std::uint32_t>;  // uuid and run

  std::string find(const Posting&) const;
  void begin(const std::shared_ptr<Post>&);
  void create(const std::shared_ptr<Post>&);
  void search(const std::shared_ptr<Post>&);
  void posted(const std::shared_ptr<Post>&, Result<std::string, ports::BoardError>);
  void read_all(Done<std::vector<ports::BoardJob>>);
  void read_jobs(const std::vector<std::string>& names, Done<std::vector<ports::BoardJob>>);

  Session& session_;
  const BoardPath path_;
  BoardHome& home_;
  BoardListing& listing_;
  std::map<Key, std::shared_ptr<Post>> under_way_;
  std::map<Key, Fresh> fresh_;  // ours that no listing has shown yet; empty where the board is not watched
};

}  // namespace baton::zookeeper
