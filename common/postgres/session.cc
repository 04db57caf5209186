#include "common/postgres/session.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "common/model/assert.h"

namespace baton::postgres {
namespace {

constexpr StatementText kListen{"listen", "listen baton_orders"};

/// Settings of the session's own go with the first packet: no round trip.
Conninfo session_conninfo(const SessionSettings& settings) {
  Conninfo info = with_watchfulness(settings.conninfo);
  info["application_name"] = settings.application_name;
  info["client_encoding"] = "UTF8";
  std::string& options = info["options"];
  options += " -c search_path=" + settings.schema +
             " -c statement_timeout=" + std::to_string(settings.statement_timeout.count());
  for (const auto& option : settings.options) options += " -c " + option;
  return info;
}

/// Chance enough.
std::uint64_t microseconds_of_clock() {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count() / 1000);
}

}  // namespace

Millis longer_pause(Millis before) {
  return std::clamp(before * 2, kReconnectPauseMin, kReconnectPauseMax);
}

Millis with_jitter(Millis pause, std::uint64_t chance) {
  const auto half = static_cast<std::uint64_t>(pause.count() / 2);
  return Millis(static_cast<Millis::rep>(half + chance % std::max<std::uint64_t>(1, half)));
}

Session::Session(boost::asio::io_context& io, SessionSettings settings, Listener& listener)
    : io_(io), settings_(std::move(settings)), listener_(&listener), pause_timer_(io) {
  BATON_ASSERT(is_schema_name(settings_.schema));
}

void Session::start() {
  BATON_ASSERT(attempts_ == 0);
  connect();
}

void Session::connect() {
  connection_ = Connection::make(io_, settings_.resolver);
  origin_.clear();
  of_use_ = false;
  connection_->open(
      session_conninfo(settings_), attempts_++, kConnectTimeout,
      [me = weak_from_this()](std::optional<SqlError> error) {
        if (const auto self = me.lock()) self->on_connected(std::move(error));
      },
      [me = weak_from_this()](const SqlError& error) {
        if (const auto self = me.lock()) self->on_lost(error);
      },
      [me = weak_from_this()](std::string_view payload) {
        const auto self = me.lock();
        if (self && self->listener_) self->listener_->on_notification(payload);
      });
}

void Session::on_connected(std::optional<SqlError> error) {
  if (!listener_) return;
  if (error) return try_again(explained(std::move(*error)));
  ask_server();
}

/// Also the proof that the server answers, and that it is no standby.
void Session::ask_server() {
  connection_->run({{&kServerWord, {}}}, kConnectTimeout, [me = weak_from_this()](RunOutcome outcome) {
    const auto self = me.lock();
    if (!self || !self->listener_) return;
    if (outcome.end == RunOutcome::End::Unknown) return;  // on_lost() follows
    if (outcome.end == RunOutcome::End::RolledBack) {
      self->connection_->close();
      return self->try_again(outcome.error);
    }
    self->heard(read_server_word(outcome.results.front()));
  });
}

void Session::heard(ServerWord word) {
  if (!word.unusable.empty()) {
    connection_->close();
    return try_again({"", word.unusable, ""});
  }
  const std::string refused = settings_.refusal ? settings_.refusal(word.origin) : std::string();
  if (!refused.empty()) return refuse(refused);
  server_ = std::move(word);
  settings_.hears_orders ? listen() : begin();
}

void Session::listen() {
  connection_->run({{&kListen, {}}}, kConnectTimeout, [me = weak_from_this()](RunOutcome outcome) {
    const auto self = me.lock();
    if (!self || !self->listener_) return;
    if (outcome.end == RunOutcome::End::Unknown) return;  // on_lost() follows
    if (outcome.end == RunOutcome::End::Committed) return self->begin();
    self->connection_->close();
    self->try_again(outcome.error);
  });
}

void Session::begin() {
  origin_ = server_.origin;
  refused_in_a_row_ = 0;
  away_ = false;
  listener_->on_open();
}

/// The next try begins at the next host.
void Session::refuse(const std::string& why) {
  connection_->close();
  if (++refused_in_a_row_ <= kRefusalsMax) return connect_after_pause();
  try_again({"", why, ""});
}

void Session::on_lost(const SqlError& error) {
  if (!listener_) return;
  if (origin_.empty()) return try_again(error);
  of_use_ ? connect() : connect_after_pause();
}

void Session::try_again(const SqlError& error) {
  connect_after_pause();
  away_ = true;
  listener_->on_away(error);
}

void Session::connect_after_pause() {
  origin_.clear();
  pause_ = longer_pause(pause_);
  pause_timer_.expires_after(with_jitter(pause_, microseconds_of_clock()));
  pause_timer_.async_wait([me = weak_from_this()](boost::system::error_code cancelled) {
    const auto self = me.lock();
    if (self && !cancelled && self->listener_) self->connect();
  });
}

void Session::run(std::vector<Statement> statements, Millis silence_max, Connection::Ran ran) {
  BATON_ASSERT(open());
  connection_->run(std::move(statements), silence_max,
                   [me = weak_from_this(), ran = std::move(ran)](RunOutcome outcome) {
                     const auto self = me.lock();
                     if (self && outcome.end == RunOutcome::End::Committed)
                       self->of_use_ = true, self->pause_ = Millis{0};
                     ran(std::move(outcome));
                   });
}

void Session::renew(const SqlError& why) {
  if (!listener_) return;
  connection_->close();
  try_again(why);
}

void Session::leave_unless(const std::string& origin) {
  if (!listener_ || origin_.empty() || origin_ == origin) return;
  connection_->drop({"", "another connection has found another database there", ""});
}

void Session::close() {
  listener_ = nullptr;
  pause_timer_.cancel();
  if (connection_) connection_->close();
}

}  // namespace baton::postgres
