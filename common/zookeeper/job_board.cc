#include "common/zookeeper/job_board.h"

#include "common/zookeeper/board_posts.h"
#include "common/zookeeper/unreadable_job.h"

namespace baton::zookeeper {

struct ZooKeeperJobBoard::Parts final : Session::Listener {
  Parts(Session& s, const Settings& settings, ports::Entropy& entropy)
      : session(s),
        path(settings.path),
        home(std::make_shared<BoardHome>(s, path, entropy)),
        claims(std::make_shared<BoardClaims>(s, path, *home, settings.owner, settings.incarnation)),
        listing(std::make_shared<BoardListing>(s, path, *home, *claims)),
        posts(std::make_shared<BoardPosts>(s, path, *home, *listing)) {}

  void on_session() override { listing->on_session(); }
  void on_reconnected() override { listing->on_reconnected(); }
  void on_disconnected() override { listing->on_disconnected(); }
  void on_session_lost() override {
    claims->on_session_lost();
    listing->on_session_lost();
  }

  Session& session;
  const BoardPath path;
  const std::shared_ptr<BoardHome> home;
  const std::shared_ptr<BoardClaims> claims;
  const std::shared_ptr<BoardListing> listing;
  const std::shared_ptr<BoardPosts> posts;
};

ZooKeeperJobBoard::ZooKeeperJobBoard(Session& session, Settings settings, ports::Entropy& entropy)
    : parts_(std::make_shared<Parts>(session, settings, entropy)) {
  BATON_ASSERT(!settings.owner.empty());  // Python would take the job for unclaimed
  session.subscribe(parts_);
}

ZooKeeperJobBoard::~ZooKeeperJobBoard() {
  parts_->listing->close();
}

void ZooKeeperJobBoard::open(Listener& listener) {
  parts_->listing->open(listener);
}

void ZooKeeperJobBoard::post(const Posting& posting, Done<std::string> done) {
  parts_->posts->post(posting, std::move(done));
}

void ZooKeeperJobBoard::identity(Done<ports::BoardIdentity> done) {
  parts_->home->identity(std::move(done));
}

void ZooKeeperJobBoard::identify(const ports::BoardIdentity& identity, Done<void> done) {
  parts_->home->identify(identity, std::move(done));
}

void ZooKeeperJobBoard::height(Done<std::int64_t> done) {
  parts_->home->height(std::move(done));
}

void ZooKeeperJobBoard::claim(const std::string& path, Done<ports::BoardClaim> done) {
  parts_->claims->claim(path, std::move(done));
}

void ZooKeeperJobBoard::abandon(const ports::BoardClaim& claim, Done<void> done) {
  parts_->claims->abandon(claim, std::move(done));
}

void ZooKeeperJobBoard::consume(const ports::BoardClaim& claim, Done<void> done) {
  parts_->claims->consume(claim, std::move(done));
}

void ZooKeeperJobBoard::trash(const ports::BoardClaim& claim, const std::string& reason, Done<void> done) {
  parts_->claims->trash(claim, reason, std::move(done));
}

void ZooKeeperJobBoard::trash_unreadable(const std::string& path, const std::string& reason,
                                         Done<void> done) {
  zookeeper::trash_unreadable(parts_->session, parts_->home, parts_->path, path, reason, std::move(done));
}

void ZooKeeperJobBoard::owner(const std::string& path, Done<std::string> done) {
  parts_->posts->owner(path, std::move(done));
}

void ZooKeeperJobBoard::list(Done<std::vector<ports::BoardJob>> done) {
  parts_->posts->list(std::move(done));
}

void ZooKeeperJobBoard::close() {
  parts_->listing->close();
  parts_->session.close();
}

}  // namespace baton::zookeeper
