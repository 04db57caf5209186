#pragma once

#include <cstddef>
#include <cstdint>

#include "common/model/limits.h"
#include "common/model/time.h"

namespace baton::conductor {

/// Every bound, pause and patience of a conductor, by name. The program fills it from its settings; tests and
/// the simulator change what their story needs.
struct Bounds {
  // ---- claiming
  std::size_t flows_max = 2'000;          // held at once; at the bound nothing more is claimed
  std::size_t atoms_max = 2'000'000;      // … in all flows held
  std::size_t claims_in_flight_max = 64;  // locks asked for at once
  Millis foreign_delay{2'000};            // before trying a job that belongs to another conductor
  Millis foreign_delay_idle{250};         // … when nothing of our own is there to do
  Millis foreign_lag{30'000};     // … which stands in line as if posted so much later, or up to twice
  Millis claim_retry_pause{500};  // after the board was away, or the store refused the claim …
  std::uint32_t refusals_shown_after = 3;  // … so often in a row: from then on it is shown; the pause doubles
  Millis left_alone_first{1'000};          // before a job that we could not run is tried again; doubles …
  Millis left_alone_max{60'000};           // … up to this
  Millis board_mark{60'000};       // … and its identity is written so often: by that a restored one shows
  std::uint32_t sweep_page = 100;  // jobs that a sweep reads and posts again together
  Millis missing_round{60'000};    // between two looks for jobs that have lost their node …
  Millis missing_pause{200};       // … and between two pages of one
  Millis removal_round{30'000};    // between two looks for ended jobs that nobody has noted as gone from
                                   // the board: a whole listing of it lies between
  std::uint32_t removal_page = 1'000;  // ends that are looked at together, removal_pause after the last ones
  std::size_t unnoted_kept_max = 1'000;  // … and those of a round to be noted; the rest by a later one
  Millis removal_pause{200};
  Millis removal_late{60'000};  // a commit may be seen so long after the time that is recorded with it
  std::size_t deaths_max = 3;   // conductors that died at work on a job, in an hour: then it is left alone
  std::size_t left_alone_shown_max = 1'000;
  Millis conductor_end_seen{2'000};  // the end of a conductor and that of its locks are heard so far apart
  Millis room_patience{60'000};      // a job that has waited so long for room is first in line: until nothing
                                     // that is held has ended for so long, …
  Millis room_kept_max{300'000};     // … or for this at most, nothing else is claimed; in vain: …
  Millis room_rest_max{900'000};     // … room is kept for none for room_patience; doubles up to this
  std::size_t parked_max = 1'000;    // older ones are dropped from the list (their state is in the store)

  // ---- store and bus
  Millis store_grace{5'000};      // no commit (or no Kafka) for so long frees every claim
  Millis inbox_look{500};         // how often our inbox is looked after while words are awaited
  Millis inbox_quiet{2'000};      // nothing came for so long: we send an echo to ourselves …
  Millis echo_patience{3'000};    // … and if nothing came for so long behind it, the bus counts as away
  Millis echo_pause_max{30'000};  // between echoes while it is; the pause doubles up to this
  Millis free_jitter{1'000};      // … spread over this
  Millis probe_pause{1'000};
  std::uint32_t probes_wanted = 2;  // good ones in a row before claiming goes on
  Millis reload_pause_first{50};    // after the store was away; doubles …
  Millis reload_pause_max{2'000};   // … up to this
  std::uint32_t conflicts_max = 3;  // reloads in a row for the same reason before the flow is left alone
  Millis load_grace{10'000};        // … or if it could not be loaded for so long; longer than store_grace

  // ---- workers
  std::uint32_t prefetch = 8;  // requests at a worker beyond its slots, so that it has the next at hand
  Millis busy_pause{100};      // nothing is placed at a worker that said it is full
  Millis silent_rest{10'000};  // … or at one that was silent for a whole heartbeat
  Millis reattach_grace{300};  // a vanished worker without a death note may come back
  Millis resend_after{1'000};  // an unacknowledged message is sent again
  Millis heartbeat{
      30'000};  // a worker that says nothing for so long has lost the delivery (atom may say other)
  Millis report_patience{5'000};  // a worker without a report for so long is asked again
  std::size_t requests_per_message = 100;
  std::size_t bytes_per_message = 1 * kMiB;
  std::size_t unsent_bytes_max = 64 * kMiB;  // waiting while the bus is full; the rest is sent again later
  Millis recorded_pause{50};                 // "recorded" is told at most so often a worker …
  std::size_t recorded_batch = 64;           // … or when so many are due

  // ---- hooks
  std::size_t hook_calls_max = 16;  // made at once …
  std::size_t hook_calls_each = 4;  // … of one hook; at the bound they wait where they are recorded
  Millis hook_look{2'000};          // between two looks for calls that are due
  Millis hook_lease_more{
      20'000};  // beyond its timeout a call is its conductor's for so long; then another makes it
  Millis hook_pause_first{2'000};    // before a call that failed is made again; doubles …
  Millis hook_pause_max{300'000};    // … up to this, and up to a quarter more by chance
  int hook_end_tries = 15;           // to record a call's end while the store is away
  Millis hook_test_timeout{20'000};  // of a test, where the hook's own is longer: somebody waits for it
  Millis hook_drain{3'000};          // a drain waits so long for calls under way
  Millis stall_look_min{250};        // between two looks for stalled runs: a quarter of the shortest …
  Millis stall_look_max{30'000};     // … stalled_after, but not less and not more than these
  std::uint32_t stall_page = 500;    // runs that are looked at together

  // ---- life
  Millis drain_deadline{10'000};
  Millis start_retry_pause{1'000};
  Millis start_shown_every{5'000};   // what a start waits for
  Millis stall{1'000};               // a timer that comes so late was stopped with us: read the inbox first
  Millis inbox_reading_max{10'000};  // … for so long at most (while we run), then the timers are believed
};

}  // namespace baton::conductor
