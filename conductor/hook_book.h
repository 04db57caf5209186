#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "common/model/fact.h"
#include "common/ports/hook_store.h"

namespace baton::conductor {

struct HookCommand {
  std::vector<std::string> argv;
};
/// Secrets stand in files of their own, which are read anew at each call.
struct HookWebhook {
  std::string url;       // or …
  std::string url_file;  // … where the address itself is a secret
  std::map<std::string, std::string> headers, header_files;
  std::string ca_file;  // empty: the system's authorities
};

/// Bounds of one hook, as its file may set them.
inline constexpr Millis kHookTimeout{30'000}, kHookTimeoutMax{600'000};
inline constexpr std::uint32_t kHookAttempts = 20, kHookAttemptsMax = 1'000;
inline constexpr Millis kStalledAfterMin{1'000};
/// A failure is told up to this.
inline constexpr std::size_t kHookFailureBytesMax = 16 * kKiB;

/// What is called for which events.
struct Hook {
  std::string name;
  std::set<ports::HookEvent> on;
  std::vector<std::string> flows;  // names, or their beginnings with a '*' behind; empty: all
  std::set<Priority> priorities;   // empty: all
  std::variant<HookCommand, HookWebhook> how;
  Millis timeout = kHookTimeout;
  std::uint32_t attempts = kHookAttempts;
  Millis stalled_after{0};  // with Stalled
};

/// The run of a job that something is to be told of.
struct HookSubject {
  JobId job;
  std::string name, flow_name;
  Priority priority = Priority::Normal;
};
/// How it ended.
struct RunEnd {
  FlowState state = FlowState::Failure;
  bool revert_failed = false;  // of some atom
  const Failure* failure = nullptr;
};

/// The hooks of a conductor, and which of them an event concerns. Pure.
class HookBook {
 public:
  HookBook() = default;
  explicit HookBook(std::vector<Hook> hooks) : hooks_(std::move(hooks)) {}

  bool empty() const { return hooks_.empty(); }
  const std::vector<Hook>& hooks() const { return hooks_; }
  const Hook* find(const std::string& name) const;
  /// "chat (reverted), page (failed, stalled)": by which conductors see whether they have the same.
  std::string shown() const;
  /// The shortest time after which a stall is told; nullopt: nobody wants to hear of any.
  std::optional<Millis> stalled_after() const;

  std::vector<ports::NewHookCall> at_end(const HookSubject&, const RunEnd&) const;
  /// Nothing of it has been recorded since then, which is so long ago.
  std::vector<ports::NewHookCall> at_stall(const HookSubject&, FlowState, TimePoint since, Millis age) const;

 private:
  std::vector<Hook> hooks_;
};

/// None: of that nobody is told.
std::optional<ports::HookEvent> event_of(FlowState, bool revert_failed);

}  // namespace baton::conductor
