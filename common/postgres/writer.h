#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/postgres/error_kind.h"
#include "common/postgres/session.h"
#include "common/postgres/transaction.h"
#include "common/postgres/work_queue.h"

namespace baton::postgres {

/// Bounds of the writer. With a full queue and while the server is away, work is refused with Unavailable.
inline constexpr int kRetriesMax = 5;            // after a deadlock or a lost race
inline constexpr Millis kRemovalDelayMax{50};    // for company in a commit
inline constexpr Millis kWriteTimeout{5'000};    // without an answer the connection is given up
inline constexpr Millis kPatiencePerMib{1'000};  // more, for a work that is larger than kBytesPerCommitMax …
inline constexpr Millis kLoadPatienceMax{
    60'000};  // … a load up to this: its weight may be 256 times what it brings; a step's is what it brings
inline constexpr Millis kTroublePauseMin{200};    // after an error that may come again at once; doubles …
inline constexpr Millis kTroublePauseMax{1'000};  // … up to this, until something is committed
inline constexpr int kTroublesMax = 2;            // so many in a row without a commit: it is the server

/// How much longer than others a transaction of these works may take. A large work is alone, and takes its
/// time: the plan of a million atoms must be kept too.
Millis patience_for(const std::vector<Work>&);

/// Turns works into transactions: what queued while the last commit was under way goes into the next one. One
/// transaction is under way at a time.
///
/// Trouble of one work is kept from the others. A transaction that the server refused for one of its values
/// is halved until the guilty work is alone; one that was too slow, or met an error of unknown cause, is
/// tried work by work. If two works fail so alone, with no commit in between, it is the server: everything is
/// refused with Unavailable until a commit has shown that it is back. Where the end of a transaction stays
/// unknown, the next ones are smaller and come after a pause.
/// Only a commit ends a trouble: a connection that opens proves nothing.
/// What was meant for one database is never committed to another that has taken its place.
/// Threads: the io_context's only. A work's `done` is called exactly once, from the loop, never inline; not
/// after close().
class Writer final : public Session::Listener, public std::enable_shared_from_this<Writer> {
 public:
  struct Events {
    std::function<void(bool)> on_reachable;
    /// Told before what waited here for the old one ends with OutcomeUnknown.
    std::function<void(const std::string& what)> on_another_database;
    std::function<void(const ServerWord&)> on_connected;
    std::function<void(std::string_view payload)> on_notification;  // if its session listens
    std::function<void()> on_orders_missed;
  };

  Writer(boost::asio::io_context&, SessionSettings);
  ~Writer() override { close(); }

  void start();  // the first submit() does it otherwise
  bool away() const { return session_->away() || !away_because_.empty(); }
  void listen(Events events) { events_ = std::move(events); }
  void submit(Work);
  const std::string& origin() const { return session_->origin(); }
  void leave_unless(const std::string& origin) { session_->leave_unless(origin); }
  void close();

 private:
  using Works = std::vector<Work>;
  struct Batch {
    Works works;
    int tries = 0;
  };

  void on_open() override;
  void on_away(const SqlError&) override;
  void on_notification(std::string_view payload) override;

  void pump_soon();
  void pump();
  std::shared_ptr<Batch> next_batch();
  void delay_removals();
  void run(const std::shared_ptr<Batch>&);
  void ended(const std::shared_ptr<Batch>&, const Transaction&, RunOutcome);
  void committed(Batch&, const Transaction&, const RunOutcome&);
  void load_the_weighed(Batch&);
  void end_unknown(Batch, const SqlError&);
  void rolled_back(Batch, const SqlError&);
  void refused_steps(Batch, const std::string& flows);
  void lost_race(Batch, const SqlError&);
  void refused_value(Batch, const SqlError&);
  void unstorable(Batch, const SqlError&);
  void failed_somehow(Batch, const SqlError&, ErrorKind);
  void one_by_one(Works, int tries);
  void fail(Works, ports::StoreErrorCode, const std::string& message);
  void go_away(const std::string& why);
  void move_on(const std::string& from);
  Works take_waiting();
  void pause();
  std::string place() const { return "Postgres at " + place_of(session_->conninfo()); }

  boost::asio::io_context& io_;
  std::shared_ptr<Session> session_;
  Events events_;
  WorkQueue queue_;
  std::deque<Batch> again_;  // parts of transactions that were rolled back; before anything else
  bool started_ = false;
  bool under_way_ = false;
  bool pump_posted_ = false;
  bool removals_wait_ = false;
  boost::asio::steady_timer removal_timer_;
  boost::asio::steady_timer pause_timer_;
  bool paused_ = false;
  bool closed_ = false;
  std::string origin_;

  // The memory of trouble: nothing but a commit clears it.
  std::string away_because_;  // empty: not away
  std::size_t works_max_ = kWorksPerCommitMax;
  int unknown_in_a_row_ = 0;
  int failed_alone_in_a_row_ = 0;
  Millis pause_{0};
};

}  // namespace baton::postgres
