#include "common/postgres/connection.h"

#include <libpq-fe.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <set>
#include <utility>

#include "common/model/assert.h"
#include "common/postgres/host_resolver.h"

namespace baton::postgres {
namespace {

namespace asio = boost::asio;
using Descriptor = asio::posix::stream_descriptor;

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text ? text : "";
}

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

SqlError error_of(const PGresult* result) {
  const std::string primary = field(result, PG_DIAG_MESSAGE_PRIMARY);
  const std::string message = primary.empty() ? trimmed(PQresultErrorMessage(result)) : primary;
  return {field(result, PG_DIAG_SQLSTATE), message.empty() ? "an error without a message" : message,
          field(result, PG_DIAG_MESSAGE_DETAIL)};
}

class LibpqConnection final : public Connection {
 public:
  LibpqConnection(asio::io_context& io, std::shared_ptr<HostResolver> resolver)
      : io_(io), resolver_(std::move(resolver)), socket_(io), deadline_(io) {}
  ~LibpqConnection() override { close(); }

  void open(const Conninfo&, std::size_t first, Millis timeout, Opened, Lost, Notified) override;
  void run(std::vector<Statement>, Millis timeout, Ran) override;
  bool idle() const override { return state_ == State::Open && !ran_; }
  void drop(SqlError) override;
  void close() override;

 private:
  enum class State { New, Connecting, Open, Closed };
  /// What the next result belongs to: the preparation of a text, or an execution.
  struct Expected {
    const StatementText* prepares = nullptr;
    bool answered = false;
  };
  struct Finish {
    void operator()(PGconn* c) const { PQfinish(c); }
  };

  std::shared_ptr<LibpqConnection> self() {
    return std::static_pointer_cast<LibpqConnection>(shared_from_this());
  }
  void connect(const Conninfo&);
  void watch_socket();
  void poll_connect();
  void opened(std::optional<SqlError>);
  void await_readable();
  void await_writable();
  void flush();
  bool send(const Statement&);
  void read();
  void tell_notifications();
  void take(PGresult*);
  void end_run(RunOutcome::End);
  void fail(SqlError);
  void limit(Millis, const char* what);
  void await_limit(Millis from_now);
  SqlError connection_error() const { return {"", trimmed(PQerrorMessage(connection_.get())), ""}; }

  asio::io_context& io_;
  const std::shared_ptr<HostResolver> resolver_;
  Descriptor socket_;  // a duplicate: libpq closes its own whenever it likes
  asio::steady_timer deadline_;
  std::uint64_t limits_ = 0;  // tells the present deadline from one that fired just before it was replaced
  Millis silence_max_{0};
  const char* silence_ = "";
  std::chrono::steady_clock::time_point heard_;
  std::unique_ptr<PGconn, Finish> connection_;
  State state_ = State::New;
  bool writing_ = false;
  Opened opened_;
  Lost lost_;
  Notified notified_;
  Ran ran_;
  RunOutcome outcome_;
  std::vector<Expected> expected_;
  std::size_t at_ = 0;  // in expected_
  std::set<const StatementText*> prepared_;
};

void LibpqConnection::open(const Conninfo& info, std::size_t first, Millis timeout, Opened opened_callback,
                           Lost lost, Notified notified) {
  BATON_ASSERT(state_ == State::New);
  state_ = State::Connecting;
  opened_ = std::move(opened_callback);
  lost_ = std::move(lost);
  notified_ = std::move(notified);
  limit(timeout, "no connection within ");
  look_up_hosts(io_, *resolver_, info, [me = weak_from_this(), first](Result<Conninfo, std::string> found) {
    const auto strong = std::static_pointer_cast<LibpqConnection>(me.lock());
    if (!strong || strong->state_ != State::Connecting) return;
    found.ok() ? strong->connect(rotated(*found, first)) : strong->opened(SqlError{"", found.error(), ""});
  });
}

/// From the loop. Nothing in here waits: libpq is given addresses.
void LibpqConnection::connect(const Conninfo& info) {
  std::vector<const char*> keywords, values;
  for (const auto& [keyword, value] : info)
    keywords.push_back(keyword.c_str()), values.push_back(value.c_str());
  keywords.push_back(nullptr), values.push_back(nullptr);
  connection_.reset(PQconnectStartParams(keywords.data(), values.data(), 0));
  BATON_ASSERT(connection_);
  PQsetNoticeProcessor(
      connection_.get(), [](void*, const char*) {}, nullptr);
  if (PQstatus(connection_.get()) == CONNECTION_BAD) return opened(connection_error());
  watch_socket();
  await_writable();  // as libpq asks for: as if the last poll had said "writing"
}

/// libpq may have changed to another socket (the next host): watch the present one.
void LibpqConnection::watch_socket() {
  if (socket_.is_open()) socket_.close();
  const int duplicate = ::dup(PQsocket(connection_.get()));
  if (duplicate >= 0) socket_.assign(duplicate);
}

void LibpqConnection::poll_connect() {
  switch (PQconnectPoll(connection_.get())) {
    case PGRES_POLLING_READING:
      watch_socket();
      return await_readable();
    case PGRES_POLLING_WRITING:
    case PGRES_POLLING_ACTIVE:
      watch_socket();
      return await_writable();
    case PGRES_POLLING_FAILED:
      return opened(connection_error());
    case PGRES_POLLING_OK:
      break;
  }
  watch_socket();
  const bool ready =
      PQsetnonblocking(connection_.get(), 1) == 0 && PQenterPipelineMode(connection_.get()) == 1;
  opened(ready ? std::nullopt : std::optional(connection_error()));
}

void LibpqConnection::opened(std::optional<SqlError> error) {
  ++limits_, deadline_.cancel();
  if (error) {
    auto callback = std::move(opened_);
    close();
    return callback(std::move(error));
  }
  state_ = State::Open;
  await_readable();
  std::exchange(opened_, nullptr)(std::nullopt);
}

void LibpqConnection::await_readable() {
  socket_.async_wait(Descriptor::wait_read, [me = weak_from_this()](boost::system::error_code error) {
    const auto strong = std::static_pointer_cast<LibpqConnection>(me.lock());
    if (!strong || error) return;
    if (strong->state_ == State::Connecting) return strong->poll_connect();
    if (strong->state_ == State::Open) strong->read();
  });
}

void LibpqConnection::await_writable() {
  writing_ = true;
  socket_.async_wait(Descriptor::wait_write, [me = weak_from_this()](boost::system::error_code error) {
    const auto strong = std::static_pointer_cast<LibpqConnection>(me.lock());
    if (!strong || error) return;
    strong->writing_ = false;
    if (strong->state_ == State::Connecting) return strong->poll_connect();
    if (strong->state_ == State::Open) strong->flush();
  });
}

bool LibpqConnection::send(const Statement& statement) {
  const auto count = static_cast<int>(statement.parameters.size());
  std::vector<const char*> values;
  std::vector<int> lengths;
  for (const auto& parameter : statement.parameters) {
    values.push_back(parameter ? parameter->data() : nullptr);
    lengths.push_back(parameter ? static_cast<int>(parameter->size()) : 0);
  }
  const std::vector<int> formats(statement.parameters.size(), 1);
  const StatementText& text = *statement.text;
  if (!prepared_.contains(&text)) {
    if (PQsendPrepare(connection_.get(), text.name, text.sql, 0, nullptr) != 1) return false;
    prepared_.insert(&text);  // taken back in take() if the server does not agree
    expected_.push_back({&text, false});
  }
  expected_.push_back({});
  return PQsendQueryPrepared(connection_.get(), text.name, count, values.data(), lengths.data(),
                             formats.data(), 1) == 1;
}

void LibpqConnection::run(std::vector<Statement> statements, Millis silence_max, Ran ran) {
  BATON_ASSERT(idle() && !statements.empty());
  ran_ = std::move(ran);
  outcome_ = {};
  expected_.clear();
  at_ = 0;
  limit(silence_max, "no answer within ");
  bool sent = true;
  for (const Statement& statement : statements) sent = sent && send(statement);
  if (!sent || PQpipelineSync(connection_.get()) != 1)
    return asio::post(io_, [me = self()] {
      if (me->state_ == State::Open) me->fail(me->connection_error());
    });
  flush();
}

void LibpqConnection::flush() {
  const int left = PQflush(connection_.get());
  // A failure shows at the next read, together with the server's last words.
  if (left == 1 && !writing_) await_writable();
}

void LibpqConnection::read() {
  const bool alive = PQconsumeInput(connection_.get()) == 1;
  heard_ = std::chrono::steady_clock::now();
  bool nothing = false;  // libpq says "no more" once behind each statement
  while (state_ == State::Open && ran_ && PQisBusy(connection_.get()) == 0) {
    PGresult* result = PQgetResult(connection_.get());
    if (!result && std::exchange(nothing, true)) break;
    if (!result) {
      if (at_ < expected_.size() && expected_[at_].answered) ++at_;
      continue;
    }
    nothing = false;
    take(result);
  }
  tell_notifications();
  if (state_ != State::Open) return;
  if (!alive || PQstatus(connection_.get()) == CONNECTION_BAD) return fail(connection_error());
  if (!writing_) flush();
  await_readable();
}

/// Not before the answer to a run under way: what it tells may rest on that answer.
void LibpqConnection::tell_notifications() {
  struct Free {
    void operator()(PGnotify* one) const { PQfreemem(one); }
  };
  while (state_ == State::Open && !ran_) {
    const std::unique_ptr<PGnotify, Free> one(PQnotifies(connection_.get()));
    if (!one) return;
    const Notified tell = notified_;  // it may close us
    if (tell) tell(one->extra);
  }
}

void LibpqConnection::take(PGresult* result) {
  ResultSet owned(result);
  switch (PQresultStatus(result)) {
    case PGRES_PIPELINE_SYNC: {
      // The server is behind the commit. Every statement must have been answered, without an error.
      if (!outcome_.error.message.empty()) return end_run(RunOutcome::End::RolledBack);
      const bool complete = at_ == expected_.size();
      if (!complete) outcome_.error.message = "a statement was left unanswered";
      return end_run(complete ? RunOutcome::End::Committed : RunOutcome::End::Unknown);
    }
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
      BATON_ASSERT(at_ < expected_.size());
      if (!expected_[at_].prepares) outcome_.results.push_back(std::move(owned));
      break;
    default: {  // an error, or a statement that was skipped behind one
      if (at_ < expected_.size() && expected_[at_].prepares) prepared_.erase(expected_[at_].prepares);
      if (outcome_.error.message.empty() && PQresultStatus(result) != PGRES_PIPELINE_ABORTED)
        outcome_.error = error_of(result);
    }
  }
  if (at_ < expected_.size()) expected_[at_].answered = true;
}

void LibpqConnection::end_run(RunOutcome::End end) {
  ++limits_, deadline_.cancel();
  outcome_.end = end;
  std::exchange(ran_, nullptr)(std::exchange(outcome_, {}));
}

void LibpqConnection::fail(SqlError error) {
  const SqlError last_words = outcome_.error.message.empty() ? std::move(error) : outcome_.error;
  auto ran = std::exchange(ran_, nullptr);
  auto lost = std::exchange(lost_, nullptr);
  close();
  if (ran) ran({RunOutcome::End::Unknown, {}, last_words});
  if (lost) lost(last_words);
}

void LibpqConnection::drop(SqlError why) {
  asio::post(io_, [me = self(), why = std::move(why)] {
    if (me->state_ == State::Open) me->fail(why);
  });
}

void LibpqConnection::limit(Millis silence_max, const char* what) {
  silence_max_ = silence_max;
  silence_ = what;
  heard_ = std::chrono::steady_clock::now();
  ++limits_;
  await_limit(silence_max);
}

void LibpqConnection::await_limit(Millis from_now) {
  deadline_.expires_after(from_now);
  deadline_.async_wait([me = weak_from_this(), mine = limits_](auto error) {
    const auto strong = std::static_pointer_cast<LibpqConnection>(me.lock());
    if (!strong || error || strong->limits_ != mine) return;
    const auto silent = std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - strong->heard_);
    const bool connecting = strong->state_ == State::Connecting;
    if (!connecting && silent < strong->silence_max_)
      return strong->await_limit(strong->silence_max_ - silent);
    SqlError late{"", strong->silence_ + std::to_string(strong->silence_max_.count()) + " ms", ""};
    if (connecting && !strong->connection_) late.message += ": the hosts' names are still being looked up";
    if (connecting) return strong->opened(std::move(late));
    if (strong->ran_) strong->fail(std::move(late));
  });
}

void LibpqConnection::close() {
  if (state_ == State::Closed) return;
  state_ = State::Closed;
  deadline_.cancel();
  boost::system::error_code ignored;
  socket_.close(ignored);
  connection_.reset();
  opened_ = nullptr, ran_ = nullptr, lost_ = nullptr, notified_ = nullptr;
}

}  // namespace

std::shared_ptr<Connection> Connection::make(asio::io_context& io, std::shared_ptr<HostResolver> resolver) {
  return std::make_shared<LibpqConnection>(io, resolver ? std::move(resolver) : HostResolver::system(io));
}

}  // namespace baton::postgres
