#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/model/result.h"

namespace baton::zookeeper {

inline constexpr std::size_t kShardsMax = 64;  // each costs every conductor a listing every half minute

/// Where a board is: the folder of its jobs and what lies beside it.
class BoardPath {
 public:
  /// Refused, with the reason: a path that is not absolute, ends with '/', or has empty, "." or ".." parts.
  static Result<BoardPath, std::string> parse(std::string_view path);
  /// The n-th shard of a board that is spread over `of` folders, two or more: "/taskflow/<board>.n/jobs",
  /// each with a trash of its own; the id is that of the board with one folder, so that its epochs stay
  /// comparable whatever the number is. A board without a name ("/jobs") has none.
  Result<BoardPath, std::string> shard(std::size_t n, std::size_t of) const;

  const std::string& jobs() const { return jobs_; }  // "/taskflow/jobs"
  std::string job_prefix() const { return jobs_ + "/job"; }
  std::string job(std::string_view name) const { return jobs_ + "/" + std::string(name); }
  /// TaskFlow's rule, which replaces every occurrence of the last part: /jobs/jobs -> /.trash/.trash.
  std::string trash() const { return beside(".trash"); }
  std::string entities() const { return beside(".entities"); }
  /// Over how many folders its board is spread; and whether this one is the first of them.
  std::size_t shards() const { return shards_; }
  bool is_first() const { return number_ == 0; }
  /// The board with one folder: "/taskflow/<board>/jobs", of each of its shards too.
  const std::string& whole() const { return whole_; }
  /// Every folder in which jobs of this board stand, or have stood while it had another number of shards, as
  /// "/taskflow/<board>.3/jobs"; first the whole board's.
  std::vector<std::string> all_folders() const;
  /// … and those that are listed with so many shards.
  std::vector<std::string> listed_folders(std::size_t shards) const;
  /// … and those that are not.
  std::vector<std::string> unlisted_folders(std::size_t shards) const;
  /// Ours: "/taskflow/.baton/board-id", one for all boards of a parent, and for all shards of a board.
  std::string id_folder() const;
  std::string id_node() const { return id_folder() + "/board-id"; }

  static std::string lock_of(std::string_view job) { return std::string(job) + std::string(kLockSuffix); }
  static std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }
  static bool is_lock(std::string_view name) {
    return name.starts_with("job") && name.ends_with(kLockSuffix);
  }
  static bool is_job(std::string_view name) {
    return name.starts_with("job") && !name.ends_with(kLockSuffix);
  }

 private:
  static constexpr std::string_view kLockSuffix = ".lock";
  explicit BoardPath(std::string jobs) : jobs_(std::move(jobs)), whole_(jobs_) {}
  std::string beside(std::string_view name) const;
  std::string folder_of_shard(std::size_t n) const;

  std::string jobs_, whole_;
  std::size_t number_ = 0, shards_ = 1;
};

}  // namespace baton::zookeeper
