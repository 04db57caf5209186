#include "client/local/kept_board.h"

namespace baton::client {

void KeptBoard::post(const Posting& posting, Done<std::string> done) {
  file_.keep_posting(posting);
  file_.when_kept([this, posting, done = std::move(done)](bool kept) {
    if (kept) return board_.post(posting, done);
    done(Fail(
        ports::BoardError{ports::BoardErrorCode::Unavailable, "the job was not kept: " + file_.trouble()}));
  });
}

void KeptBoard::post_again() {
  for (const Posting& posting : file_.postings()) board_.post(posting, [](const auto&) {});
}

}  // namespace baton::client
