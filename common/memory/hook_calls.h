#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "common/ports/hook_store.h"

namespace baton::memory {

/// Calls of hooks as a FlowDatabase keeps them: all, and beside them those that are asked for again and
/// again, so that a look costs what is due and not what has ever been. Owner's thread only.
class HookCalls {
 public:
  /// One that is new, or as it is now.
  void put(ports::HookCall);
  void clear() { *this = {}; }

  std::uint64_t last_id() const { return last_id_; }
  /// That of the same job, run, event, occasion and hook is there already.
  bool has(const ports::HookCall&) const;
  const ports::HookCall* find(std::uint64_t id) const;
  const std::map<std::uint64_t, ports::HookCall>& all() const { return calls_; }

  /// Pending calls of a hook, the first due first.
  std::vector<ports::HookCall> due(const std::string& hook, TimePoint now, std::uint32_t calls_max) const;
  /// As HookStore has them.
  ports::HookCallPage page(const ports::HookCallFilter&) const;
  std::vector<ports::HookCount> counts() const;

 private:
  using Key = std::tuple<JobId, std::uint32_t, ports::HookEvent, std::uint64_t, std::string>;
  struct Open {
    std::set<std::pair<TimePoint, std::uint64_t>> pending;  // by when they are due, and id
    std::uint64_t given_up = 0;
  };
  static Key key_of(const ports::HookCall&);
  void leave_open(const ports::HookCall&);
  /// From the newest on, until `visit` says that it has enough.
  void each(const ports::HookCallFilter&, const std::function<bool(const ports::HookCall&)>& visit) const;

  std::map<std::uint64_t, ports::HookCall> calls_;  // by id
  std::map<Key, std::uint64_t> ids_;
  std::map<std::string, Open> open_;  // by hook; what is done is not here
  std::set<std::uint64_t> open_ids_;  // the same calls
  std::uint64_t last_id_ = 0;
};

}  // namespace baton::memory
