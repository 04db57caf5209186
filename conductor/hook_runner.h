#pragma once

#include <functional>
#include <string>

#include "conductor/hook_book.h"

namespace baton::conductor {

/// What is handed to who is called.
struct HookDocument {
  std::string id;  // the same for every attempt of one call, and for no other call
  std::string hook, event, job, flow_name, state;
  std::uint32_t run = 1, attempt = 1;
  std::string json;  // all of it
};

/// Makes one attempt of a call, outside of this process' loop.
class HookRunner {
 public:
  virtual ~HookRunner() = default;
  /// Empty: it was taken; else why not, for people, without secrets.
  using Done = std::function<void(const std::string& error)>;
  /// `done` comes once, on the owner's thread, never inline, soon after the hook's timeout at the latest; not
  /// after this object's end.
  virtual void run(const Hook&, const HookDocument&, Done done) = 0;
};

}  // namespace baton::conductor
