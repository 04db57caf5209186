#pragma once

#include <string>

namespace baton::test {

/// A ZooKeeper of one test's own, to be stopped, paused and wiped: the dev cluster's, in a folder of its own.
/// Each call waits until it is done and fails the test when it cannot be. Its end removes everything.
class OwnZooKeeper {
 public:
  OwnZooKeeper();
  ~OwnZooKeeper();
  OwnZooKeeper(const OwnZooKeeper&) = delete;
  OwnZooKeeper& operator=(const OwnZooKeeper&) = delete;

  const std::string& hosts() const { return hosts_; }
  void restart();
  void wipe();  // as restart(), but everything it knew is gone
  /// A copy of its data folder is made, or takes its place. It is down meanwhile.
  void backup();
  void restore();
  void pause();
  void resume();

 private:
  int call(const std::string& arguments) const;
  std::string data() const { return folder_ + "/zookeeper/data"; }
  const std::string folder_;
  std::string hosts_;
};

}  // namespace baton::test
