#pragma once

#include <boost/asio/io_context.hpp>
#include <deque>
#include <functional>
#include <memory>

#include "common/postgres/session.h"
#include "common/postgres/transaction.h"

namespace baton::postgres {

inline constexpr std::size_t kReadsQueuedMax = 1'000;  // more are refused with Unavailable
inline constexpr Millis kReadTimeout{10'000};

/// What people ask for, on a connection of its own so that no long answer holds up a commit. One read at a
/// time, in the order of asking; the connection is opened for the first one.
/// Threads and callbacks as with Writer.
class Reader final : public Session::Listener, public std::enable_shared_from_this<Reader> {
 public:
  using Failed = std::function<void(const ports::StoreError&)>;

  Reader(boost::asio::io_context&, SessionSettings);
  ~Reader() override { close(); }

  /// Either the transaction's readers are called, or `failed`.
  void read(Transaction, Failed failed);
  void leave_unless(const std::string& origin) { session_->leave_unless(origin); }
  void close();
  const Conninfo& conninfo() const { return session_->conninfo(); }

 private:
  struct Read {
    Transaction transaction;
    Failed failed;
  };

  void on_open() override { pump(); }
  void on_away(const SqlError&) override;
  void pump();
  void ended(Read&, RunOutcome);

  boost::asio::io_context& io_;
  std::shared_ptr<Session> session_;
  std::deque<Read> queue_;
  bool started_ = false;
  bool under_way_ = false;
  bool closed_ = false;
};

}  // namespace baton::postgres
