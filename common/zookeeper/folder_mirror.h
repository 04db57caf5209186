#pragma once

#include <map>
#include <set>

#include "common/zookeeper/session.h"

namespace baton::zookeeper {

/// A folder's nodes with their data, kept up to date by watches, and told as a complete picture after each
/// change. One reading under way and one remembered; a full one every 30 s makes up for a missed watch.
class FolderMirror : public std::enable_shared_from_this<FolderMirror> {
 public:
  static constexpr Millis kFullReading{30'000};
  static constexpr Millis kRetry{1'000};        // after a reading that the server refused
  using Picture = std::map<std::string, Node>;  // by name

  FolderMirror(Session& session, std::string path, std::function<void(const Picture&)> on_picture)
      : session_(session), path_(std::move(path)), on_picture_(std::move(on_picture)) {}
  ~FolderMirror();

  void start();
  void stop();
  void on_connected() { refresh(); }
  void on_session_lost();

 private:
  void refresh();
  void list();
  void on_names(const Result<std::vector<std::string>, Error>&);
  void read(std::vector<std::string> paths, bool watch);
  void on_node(const std::string& path, const Result<Node, Error>&);
  void finish();
  void set_timer(Millis);
  std::string name_of(const std::string& path) const { return path.substr(path_.size() + 1); }

  Session& session_;
  const std::string path_;
  std::function<void(const Picture&)> on_picture_;
  bool started_ = false;
  Picture known_;
  std::set<std::string> watched_;  // names with a data watch
  std::set<std::string> fresh_;    // names whose data is as new as their watch
  bool watching_ = false, under_way_ = false, again_ = false, broken_ = false, made_folder_ = false;
  int parts_left_ = 0;
  std::uint64_t round_ = 0;  // answers of an earlier session belong to an earlier round
  ports::TimerId timer_ = 0;
};

}  // namespace baton::zookeeper
