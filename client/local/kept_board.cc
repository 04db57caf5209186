#include "client/local/kept_board.h"

namespace baton::client {

void KeptBoard::post(const Posting& posting, Done<std::string> done) {
  file_.keep_posting(posting);
  // Where the disk refuses it nobody is told that it was posted: the API's own deadline ends the request.
  file_.when_kept([this, posting, done = std::move(done)] { board_.post(posting, done); });
}

void KeptBoard::post_again() {
  for (const Posting& posting : file_.postings()) board_.post(posting, [](const auto&) {});
}

}  // namespace baton::client
