#pragma once

#include <string>
#include <string_view>

#include "common/model/result.h"

namespace baton::zookeeper {

/// Where a board is: the folder of its jobs and what lies beside it.
class BoardPath {
 public:
  /// Refused, with the reason: a path that is not absolute, ends with '/', or has empty, "." or ".." parts.
  static Result<BoardPath, std::string> parse(std::string_view path);
  /// The n-th shard of a board that is spread over several folders: "/taskflow/<board>.n/jobs", each with a
  /// trash of its own, all with one id. A board without a name ("/jobs") has none.
  Result<BoardPath, std::string> shard(std::size_t n) const;

  const std::string& jobs() const { return jobs_; }  // "/taskflow/jobs"
  std::string job_prefix() const { return jobs_ + "/job"; }
  std::string job(std::string_view name) const { return jobs_ + "/" + std::string(name); }
  /// TaskFlow's rule, which replaces every occurrence of the last part: /jobs/jobs -> /.trash/.trash.
  std::string trash() const { return beside(".trash"); }
  std::string entities() const { return beside(".entities"); }
  /// The paths of all its jobs begin so, those of its shards too; no other board's do, as long as no board's
  /// name is another's with a dot behind it.
  std::string folder() const { return folder_.empty() ? jobs_ + "/" : folder_; }
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
  explicit BoardPath(std::string jobs) : jobs_(std::move(jobs)) {}
  std::string beside(std::string_view name) const;

  std::string jobs_;
  std::string folder_, id_parent_;  // of a shard
};

}  // namespace baton::zookeeper
