#pragma once

#include <string>

namespace baton::test {

/// A Kafka of this test alone, that it may kill: in a folder and on ports of its own, removed at its end.
/// Every call waits until it is done, and fails the test with the launcher's words if it cannot be done.
class OwnBroker {
 public:
  OwnBroker();
  ~OwnBroker();
  OwnBroker(const OwnBroker&) = delete;
  OwnBroker& operator=(const OwnBroker&) = delete;

  void start();                          // on the data that is there, at the same address
  void signal(const std::string& name);  // "KILL", "STOP", "CONT"
  const std::string& address() const { return address_; }

 private:
  int launcher(const std::string& words, std::string* said = nullptr) const;
  void must(const std::string& words) const;

  std::string folder_;
  std::string address_;
};

}  // namespace baton::test
