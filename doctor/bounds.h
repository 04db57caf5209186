#pragma once

#include <cstdint>

#include "common/model/time.h"

/// What is still well, what is to be looked at, and what is not: each bound once.
namespace baton::doctor {

inline constexpr Millis kClockSkewWarning{500};  // beyond what the asking itself took
inline constexpr Millis kClockSkewWrong{2'000};
inline constexpr Millis kOwnClockErrorMax{1'000};  // as the kernel estimates it

inline constexpr Millis kSessionTimeoutShort{
    1'000};  // a pause of a process (a full disk, a busy host) ends it
inline constexpr Millis kSessionTimeoutLong{20'000};  // so long goes a dead host unnoticed
inline constexpr Millis kSessionSilentMax{10'000};

inline constexpr Millis kWaitingLong{60'000};  // for a worker that has room

inline constexpr int kPostgresVersionMin = 130'000;  // older ones are not supported by their makers either
inline constexpr std::int64_t kConnectionsOneConductor = 3;  // writer, loader, reader
inline constexpr std::int64_t kConnectionsLeftMin = 10;

inline constexpr std::int64_t kTopicRetentionMinMs = 3600 * 1000;
inline constexpr std::int32_t kReplicasSafe = 2;

inline constexpr std::uint64_t kOpenFilesMin = 1'024;
inline constexpr std::uint64_t kDiskFreeMin = 64ull << 20;

}  // namespace baton::doctor
