#pragma once

#include <cstddef>
#include <cstdint>

#include "common/model/limits.h"
#include "common/model/time.h"

namespace baton::api {

/// Every bound of the HTTP side, with what happens there. A struct, so that a test can make them small.
struct Limits {
  std::size_t connections_max = 256;  // further ones get 503 and are closed
  std::size_t refusals_max = 64;  // 503 answers under way at once; further connections are closed unanswered
  std::size_t streams_max = 64;   // further event streams get 503
  std::uint32_t header_bytes_max = 16 * kKiB;  // 431
  std::uint64_t body_bytes_max =
      kPostingBytesMax + 64 * kKiB;  // 413; the posting made of it has its own bound

  Millis request_timeout{
      30'000};  // from the connection's (or the last answer's) time to a whole request: closed
  Millis answer_timeout{30'000};        // from the request to our answer: 504; to its last byte sent: closed
  Millis linger_timeout{2'000};         // how long an unwanted body is read away, so that the answer arrives
  Millis finish_timeout{2'000};         // at the end: how long requests under way may still be answered
  Millis stream_write_timeout{30'000};  // a reader of events that takes nothing for so long is cut off
  Millis stream_heartbeat{15'000};      // a comment line on a stream without events
  Millis follow_tick{500};              // how often a stream looks for rows that other conductors wrote
  Millis follow_pace{
      50};  // a stream reads at most so often, but for a job's end: a step costs no read of its own
  Millis gap_wait{2'000};  // how long a stream over all jobs waits for an id that is missing
  Millis gap_tick{50};     // … looking again at this pace

  std::uint32_t page_default = 50;
  std::uint32_t page_max = 500;             // a larger ?limit= gets 400
  std::uint32_t atoms_max = 10'000;         // atoms shown in one answer; `atoms_next` says where to go on
  std::size_t answer_bytes_max = 8 * kMiB;  // rows and atoms are cut there, with a cursor to go on
  std::size_t shown_result_bytes_max =
      4 * kKiB;                 // larger results are shown by their size; the history has them
  Millis board_age_max{1'000};  // a list may rest on a look at the board of this age
};

/// What clients type in.
inline constexpr std::size_t kIdempotencyKeyBytesMax = 255;
inline constexpr std::size_t kJobUuidBytesMax = 255;

inline constexpr std::uint32_t kOrdersShownMax = 100;  // of a job, the newest

}  // namespace baton::api
