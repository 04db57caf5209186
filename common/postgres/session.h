#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/postgres/server_word.h"

namespace baton::postgres {

/// Bounds of a session.
inline constexpr Millis kConnectTimeout{5'000};
inline constexpr Millis kReconnectPauseMin{50};
inline constexpr Millis kReconnectPauseMax{1'000};
inline constexpr int kRefusalsMax = 3;  // so many refused databases in a row are passed over in silence

/// Between two tries to connect: twice as long as the one before, within the bounds, …
Millis longer_pause(Millis before);
/// … and of that between half and all, so that a fleet does not come back in step.
Millis with_jitter(Millis pause, std::uint64_t chance);

struct SessionSettings {
  Conninfo conninfo;
  std::string schema;
  std::string application_name;
  std::vector<std::string> options;        // "jit=off": set as the session begins
  Millis statement_timeout{0};             // the server's own limit
  std::shared_ptr<HostResolver> resolver;  // null: the system's
  bool hears_orders = false;               // of anybody: Listener::on_notification
  /// Asked on each new connection: why a database of this origin must not be used; empty: it may. Null: any.
  std::function<std::string(const std::string& origin)> refusal;
};

/// A connection that comes back: opens a new one when the old one is lost, at once if that one had been of
/// use, otherwise after growing pauses with jitter. Knows which database it speaks to.
/// Threads: the io_context's only. Callbacks from the loop, never inline, and not after close().
class Session : public std::enable_shared_from_this<Session> {
 public:
  struct Listener {
    virtual ~Listener() = default;
    /// Ready for a run().
    virtual void on_open() = 0;
    /// The first try after a loss (or the first of all) has failed too: the server is away. Tries that found
    /// a refused database do not count, up to kRefusalsMax: the next host may have the right one.
    virtual void on_away(const SqlError&) = 0;
    /// Comes behind the answer to every run() that the server had ended before it was sent.
    virtual void on_notification(std::string_view payload) { static_cast<void>(payload); }
  };

  Session(boost::asio::io_context&, SessionSettings, Listener&);

  void start();  // at most once
  bool open() const { return connection_ && connection_->idle() && !origin_.empty(); }
  bool away() const { return away_; }
  void run(std::vector<Statement>, Millis silence_max, Connection::Ran);  // open() only
  /// Gives the present connection up and looks for the server anew: it is not what it was. Not under a run().
  void renew(const SqlError& why);
  /// Gives the present connection up, as if it were lost, if it speaks to another database than this.
  void leave_unless(const std::string& origin);
  void close();

  /// Of the last connection that opened.
  const ServerWord& server() const { return server_; }
  /// "<system id>/<timeline>" of its database; empty: none yet.
  const std::string& origin() const { return server_.origin; }
  Millis statement_timeout() const { return settings_.statement_timeout; }
  const Conninfo& conninfo() const { return settings_.conninfo; }

 private:
  void connect();
  void on_connected(std::optional<SqlError>);
  void ask_server();
  void heard(ServerWord);
  void listen();
  void begin();
  void refuse(const std::string& why);
  void on_lost(const SqlError&);
  void try_again(const SqlError&);
  void connect_after_pause();

  boost::asio::io_context& io_;
  SessionSettings settings_;
  Listener* listener_;  // null: closed
  std::shared_ptr<Connection> connection_;
  boost::asio::steady_timer pause_timer_;
  bool of_use_ = false;  // something was committed on the present connection
  Millis pause_{0};      // until something is
  std::size_t attempts_ = 0;
  bool away_ = false;
  int refused_in_a_row_ = 0;
  std::string origin_;  // of the present connection
  ServerWord server_;
};

}  // namespace baton::postgres
