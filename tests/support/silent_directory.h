#pragma once

#include "common/ports/directory.h"

namespace baton::test {

inline constexpr Millis kSilentSessionTimeout{3'000};

/// Only how long the session has been silent; nothing else of a directory is asked.
struct SilentDirectory final : ports::Directory {
  Millis silent{0}, granted = kSilentSessionTimeout;
  void open(Listener&) override {}
  void lease_partition(ports::InboxKind, std::int32_t, Incarnation, Done<std::int32_t>) override {}
  void advertise(const ports::Advert&, Done<void>) override {}
  void withdraw(Done<void>) override {}
  void join(const ports::Member&, Done<void>) override {}
  Millis silent_for() const override { return silent; }
  Millis timeout() const override { return granted; }
  void close() override {}
};

}  // namespace baton::test
