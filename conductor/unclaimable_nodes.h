#pragma once

#include <map>
#include <string>

#include "conductor/held_job.h"

namespace baton::conductor {

/// Nodes of the board that nobody can claim. One that is no job is recorded by its path, then moved to the
/// board's .trash, so that it harms no reader of the board. What only a person can remove is shown.
/// Life: the claim loop's; clear() with each board session, whose successor tells of every node again.
class UnclaimableNodes {
 public:
  explicit UnclaimableNodes(JobServices& with) : with_(with) {}

  void unreadable(const std::string& path, const std::string& problem);
  /// Only a person can remove it.
  void show(const std::string& path, const std::string& why);
  void gone(const std::string& path) { shown_.erase(path); }
  void clear();

  const std::map<std::string, std::string>& shown() const { return shown_; }  // why, by path

 private:
  struct Node {
    std::string path, why;
    int tries = 0;  // to record it
  };
  void record(const Node&);
  void not_recorded(Node, const ports::StoreError&);
  void move_to_trash(const Node&);
  void not_moved(const Node&, const ports::BoardError&);

  JobServices& with_;
  std::map<std::string, std::string> shown_;
  Alive session_;
};

}  // namespace baton::conductor
