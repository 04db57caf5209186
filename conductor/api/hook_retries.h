#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "common/ports/hook_store.h"
#include "conductor/api/backend.h"
#include "conductor/api/exchange.h"

namespace baton::api {

/// People's word on calls of hooks that were given up: they are to be made after all (docs/hooks.md).
class HookRetries : public std::enable_shared_from_this<HookRetries> {
 public:
  explicit HookRetries(const Backend& backend) : backend_(backend) {}

  void post(const Request&, Reply);  // POST /v1/hook-calls/{id}/retry

 private:
  using Found = std::function<void(ports::HookCall)>;
  void look(std::uint64_t id, Found, Reply);
  void look_again(const ports::HookRetry&, Reply);
  void judge(ports::HookRetry, bool dry_run, Reply);
  Response ordered(const ports::HookRetry&, bool dry_run) const;

  const Backend backend_;
};

}  // namespace baton::api
