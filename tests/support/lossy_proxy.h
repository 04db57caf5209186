#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace baton::test {

/// Stands between a ZooKeeper client and its server and loses one reply: the next request of a kind goes
/// through, its answer is thrown away, and the connection is cut. What the client then knows is "unknown".
/// Or it loses one watch's event, and nothing else happens.
/// Any thread; the forwarding runs on threads of its own.
class LossyProxy {
 public:
  enum class Request : std::int32_t { Create = 1, Delete = 2, SetData = 5, Multi = 14 };

  explicit LossyProxy(const std::string& server);  // "127.0.0.1:P"
  ~LossyProxy();
  LossyProxy(const LossyProxy&) = delete;
  LossyProxy& operator=(const LossyProxy&) = delete;

  std::string hosts() const;
  void lose_reply_to_next(Request);
  void lose_next_event();
  int lost() const;  // replies and events lost so far

 private:
  struct Shared;
  const std::shared_ptr<Shared> shared_;
};

}  // namespace baton::test
