#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "common/ports/executor.h"
#include "common/zookeeper/node.h"

struct zoo_op_result;

namespace baton::zookeeper {

/// What a completion or watch of the client library brought, copied out of its thread.
struct Reply {
  int rc = 0;  // of a watch: 0
  std::string data;
  std::vector<std::string> names;
  Stat stat;
  std::size_t operation = 0;
};

/// Where callbacks wait for the client library's threads: found by number, never by pointer, since the
/// library also calls after the session was closed. One for the whole process; any thread.
/// A callback is called on its executor, once. The executor must live until close() of the handle.
class CallbackTable {
 public:
  using Results = std::shared_ptr<std::vector<zoo_op_result>>;  // of a multi: the library writes there

  static CallbackTable& instance();

  std::uint64_t new_handle();
  /// The context to give to the library.
  const void* add(std::uint64_t handle, ports::Executor&, std::function<void(Reply)>, Results = nullptr);
  /// Library threads: posts the callback. Unknown numbers are of closed handles.
  void deliver(const void* context, Reply);
  Results results(const void* context);
  /// The callback will not be called: the request was not sent, or the watch not set.
  void forget(const void* context);
  /// After the library's threads have ended: what still waits gets ZCLOSING.
  void close(std::uint64_t handle);

 private:
  struct Entry {
    std::uint64_t handle = 0;
    ports::Executor* executor = nullptr;
    std::function<void(Reply)> callback;
    Results results;
  };
  std::mutex mutex_;
  std::uint64_t last_ = 0;
  std::unordered_map<std::uint64_t, Entry> waiting_;
};

}  // namespace baton::zookeeper
