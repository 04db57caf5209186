#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/postgres/session.h"
#include "common/postgres/transaction.h"

namespace baton::postgres {

/// Bounds of the writer. At kQueuedMax and while the server is away, work is refused with Unavailable.
inline constexpr std::size_t kWorksPerCommitMax = 200;  // beyond it only latency grows (hops.md, section 2)
inline constexpr std::size_t kBytesPerCommitMax = 8 * kMiB;
inline constexpr std::size_t kQueuedMax = 100'000;
inline constexpr int kRetriesMax = 5;          // after a deadlock or a lost race
inline constexpr Millis kRemovalDelayMax{50};  // for company in a commit
inline constexpr Millis kWriteTimeout{5'000};  // without an answer the connection is given up
inline constexpr Millis kTroublePause{200};    // after an error that may come again at once

/// Turns works into transactions: what queued while the last commit was under way goes into the next one. One
/// transaction is under way at a time. A transaction that the server refused for one of its values is halved
/// until the guilty work is alone; the others commit.
/// Threads: the io_context's only. A work's `done` is called exactly once, from the loop, never inline; not
/// after close().
class Writer final : public Session::Listener, public std::enable_shared_from_this<Writer> {
 public:
  struct Events {
    std::function<void(bool)> on_reachable;
    std::function<void(const std::string& what)> on_another_database;
  };

  Writer(boost::asio::io_context&, SessionSettings);
  ~Writer() override { close(); }

  void start();
  void listen(Events events) { events_ = std::move(events); }
  void submit(Work);
  void close();

 private:
  using Works = std::vector<Work>;
  struct Batch {
    Works works;
    int tries = 0;
  };

  void on_open() override;
  void on_away(const SqlError&) override;

  void pump_soon();
  void pump();
  std::shared_ptr<Batch> next_batch();
  Works take_from_queue();
  void delay_removals();
  void run(const std::shared_ptr<Batch>&);
  void ended(const std::shared_ptr<Batch>&, const Transaction&, RunOutcome);
  void rolled_back(Batch, const SqlError&);
  void refused_steps(Batch, const std::string& flows);
  void unstorable(Batch, const SqlError&);
  void fail(Works, ports::StoreErrorCode, const std::string& message);
  void fail_queue(const SqlError&);
  void pause();

  boost::asio::io_context& io_;
  std::shared_ptr<Session> session_;
  Events events_;
  std::deque<Work> queue_;
  std::deque<Batch> again_;  // parts of transactions that were rolled back; before anything else
  bool under_way_ = false;
  bool pump_posted_ = false;
  bool removals_are_due_ = false;
  bool removals_wait_ = false;
  boost::asio::steady_timer removal_timer_;
  boost::asio::steady_timer pause_timer_;
  bool paused_ = false;
  bool closed_ = false;
  std::string origin_;
  std::string away_because_;
};

}  // namespace baton::postgres
