#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "common/ports/clock.h"
#include "common/ports/executor.h"
#include "conductor/hook_runner.h"
#include "flowfile/flow_file.h"

namespace baton::conductor {

/// At the bound a call fails, and is tried again later: so many hang in something that cannot be called back
/// (a host's name that is looked up).
inline constexpr std::size_t kHookThreadsMax = 64;
/// A call that has not ended so long behind its timeout has failed, whatever its thread does.
inline constexpr Millis kHookThreadGrace{3'000};
/// So long the end waits for its threads: commands are killed, webhooks let go.
inline constexpr Millis kHookEndGrace{1'000};

/// Runs commands and calls webhooks, each in a thread of its own, so that whatever hangs there holds up
/// nothing here.
/// Life: executor and clock outlive it. Its end ends the calls under way and joins their threads: behind it
/// the process may end, with all that is static. One that hangs all the same (a host's name that is looked
/// up, a secret that is read) is left behind; it goes no further, and touches nothing of ours. Threads: the
/// owner's; each call's.
class HookThreads final : public HookRunner {
 public:
  /// `read`: how secrets are read; called by those threads.
  HookThreads(ports::Executor&, ports::Clock&, flowfile::ReadText read);
  ~HookThreads() override;

  void run(const Hook&, const HookDocument&, Done) override;

 private:
  struct Shared;
  struct Open {
    Done done;
    ports::TimerId deadline = 0;
  };
  void end(std::uint64_t number, const std::string& error);
  void join_ended();

  ports::Executor& executor_;
  ports::Clock& clock_;
  const flowfile::ReadText read_;
  const std::shared_ptr<Shared> shared_;
  std::map<std::uint64_t, Open> open_;
  std::uint64_t last_ = 0;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace baton::conductor
