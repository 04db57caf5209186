#include "common/postgres/reader.h"

#include <boost/asio/post.hpp>
#include <utility>

namespace baton::postgres {

using ports::StoreError;
using ports::StoreErrorCode;

Reader::Reader(boost::asio::io_context& io, SessionSettings settings)
    : io_(io), session_(std::make_shared<Session>(io, std::move(settings), *this)) {}

void Reader::close() {
  closed_ = true;
  session_->close();
}

void Reader::read(Transaction transaction, Failed failed) {
  if (!std::exchange(started_, true)) session_->start();
  if (session_->away() || queue_.size() >= kReadsQueuedMax) {
    const std::string why = session_->away()
                                ? "Postgres at " + place_of(session_->conninfo()) + " does not answer"
                                : "too many reads of Postgres are waiting";
    return boost::asio::post(io_, [me = weak_from_this(), failed = std::move(failed), why] {
      const auto self = me.lock();
      if (self && !self->closed_) failed({StoreErrorCode::Unavailable, why});
    });
  }
  queue_.push_back({std::move(transaction), std::move(failed)});
  pump();
}

void Reader::pump() {
  if (under_way_ || closed_ || queue_.empty() || !session_->open()) return;
  under_way_ = true;
  const auto read = std::make_shared<Read>(std::move(queue_.front()));
  queue_.pop_front();
  session_->run(read->transaction.take_statements(), kReadTimeout,
                [me = weak_from_this(), read](RunOutcome outcome) {
                  const auto self = me.lock();
                  if (self && !self->closed_) self->ended(*read, std::move(outcome));
                });
}

void Reader::ended(Read& read, RunOutcome outcome) {
  under_way_ = false;
  boost::asio::post(io_, [me = weak_from_this()] {
    if (const auto self = me.lock()) self->pump();
  });
  if (outcome.end == RunOutcome::End::Committed) return read.transaction.read(outcome.results);
  const bool schema = outcome.error.state.rfind("42", 0) == 0 || outcome.error.state.rfind("3F", 0) == 0;
  read.failed({schema ? StoreErrorCode::SchemaMismatch : StoreErrorCode::Unavailable,
               "Postgres at " + place_of(session_->conninfo()) + ": " + outcome.error.message});
}

void Reader::on_away(const SqlError& error) {
  const std::string why =
      "Postgres at " + place_of(session_->conninfo()) + " does not answer: " + error.message;
  for (Read& read : std::exchange(queue_, {})) read.failed({StoreErrorCode::Unavailable, why});
}

}  // namespace baton::postgres
