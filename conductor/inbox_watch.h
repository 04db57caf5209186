#pragma once

#include <functional>
#include <optional>

#include "common/ports/clock.h"
#include "conductor/alive.h"
#include "conductor/bounds.h"

namespace baton::conductor {

/// Whether our own inbox brings what is sent to it (PROTOCOL.md H16). Its partition can be without a leader,
/// or its reader in trouble, while the broker answers and requests go out: then every worker's word is lost
/// to us and every flow waits. Has nothing come for inbox_quiet though words are awaited, a small message is
/// sent to ourselves; has nothing come echo_patience later either, the inbox is unreadable, until anything
/// comes. Told in looks of our own, so that a stop of this process counts as one of them. Owner's thread
/// only.
class InboxWatch {
 public:
  InboxWatch(ports::Clock& clock, const Bounds& bounds)
      : clock_(clock), bounds_(bounds), next_echo_(bounds.inbox_quiet) {}

  /// `echo` sends to our own inbox; false: the bus took nothing, which says nothing about the inbox.
  /// `awaited`: whether any word is. `changed`: readable() has.
  void set(std::function<bool()> echo, std::function<bool()> awaited, std::function<void()> changed);

  void awaiting();  // a word is, from now on
  void heard();     // anything came
  bool readable() const { return readable_; }

 private:
  void look_later();
  void look();
  void forget();
  void judge(bool readable);

  ports::Clock& clock_;
  const Bounds& bounds_;
  std::function<bool()> echo_, awaited_;
  std::function<void()> changed_;
  Millis quiet_{0}, next_echo_;      // since anything was heard
  std::optional<Millis> echoed_at_;  // the first one of this quiet
  bool looking_ = false, readable_ = true;
  Alive alive_;
};

}  // namespace baton::conductor
