#pragma once

#include <functional>

#include "common/ports/executor.h"

namespace baton::memory {

/// The way between a process and one of its servers in memory. What one side says arrives at the other later,
/// in the order of saying. A simulator makes it slow, cuts it or lets it end with the process; the others
/// have a DirectLink. Owner's thread only.
class Link {
 public:
  virtual ~Link() = default;
  /// `arrives` is called at the server. It must not need the process any more: a word on its way outlives
  /// who said it.
  virtual void to_server(std::function<void()> arrives) = 0;
  /// Said at the server; `arrives` is called on the process's own thread.
  virtual void to_client(std::function<void()> arrives) = 0;
};

/// Server and process in one loop: what one says, the other hears in a later turn. Nothing is lost.
class DirectLink final : public Link {
 public:
  explicit DirectLink(ports::Executor& executor) : executor_(executor) {}
  void to_server(std::function<void()> arrives) override { executor_.post(std::move(arrives)); }
  void to_client(std::function<void()> arrives) override { executor_.post(std::move(arrives)); }

 private:
  ports::Executor& executor_;
};

}  // namespace baton::memory
