#include "common/zookeeper/sharded_board.h"

#include <algorithm>
#include <boost/crc.hpp>
#include <optional>

#include "common/model/assert.h"

namespace baton::zookeeper {

using ports::BoardError;
using ports::BoardJob;

std::size_t shard_of(std::string_view uuid, std::size_t shards) {
  boost::crc_32_type crc;
  crc.process_bytes(uuid.data(), uuid.size());
  return crc.checksum() % shards;
}

/// What a shard tells is told on. What all of them hear, as they share a session, is told by the last one:
/// then none of them holds anything of the old one any more.
struct ShardedJobBoard::Shard final : ports::JobBoard::Listener {
  Shard(ShardedJobBoard& whole_board, Session& session, const Settings& settings, const BoardPath& path,
        ports::Entropy& entropy)
      : whole(whole_board),
        folder(path.jobs() + "/"),
        board(session, {path, settings.owner, settings.incarnation}, entropy) {}

  void on_job(const BoardJob& job) override { whole.listener_->on_job(job); }
  void on_gone(const std::string& path) override { whole.listener_->on_gone(path); }
  void on_unreadable(const std::string& path, const std::string& why) override {
    whole.listener_->on_unreadable(path, why);
  }
  void on_claim_lost(const std::string& path) override { whole.listener_->on_claim_lost(path); }
  void on_stuck_lock(const std::string& path, const std::string& why) override {
    whole.listener_->on_stuck_lock(path, why);
  }
  void on_stuck_lock_gone(const std::string& path) override { whole.listener_->on_stuck_lock_gone(path); }
  void on_listed() override { whole.listed(*this); }
  void on_refused(const std::string& why) override { whole.listener_->on_refused(why); }
  void on_stray(const std::string& stray, std::size_t jobs) override {
    whole.listener_->on_stray(stray, jobs);
  }
  void on_disconnected() override {
    whole.none_listed();
    if (is_last()) whole.listener_->on_disconnected();
  }
  void on_session_lost() override {
    whole.none_listed();
    if (is_last()) whole.listener_->on_session_lost();
  }
  bool is_last() const { return whole.shards_.back().get() == this; }

  ShardedJobBoard& whole;
  const std::string folder;
  ZooKeeperJobBoard board;
  bool listed = false;
};

ShardedJobBoard::ShardedJobBoard(Session& session, const Settings& settings, ports::Entropy& entropy) {
  BATON_ASSERT(!settings.shards.empty() && settings.shards.size() <= kShardsMax);
  for (const BoardPath& path : settings.shards)
    shards_.push_back(std::make_unique<Shard>(*this, session, settings, path, entropy));
}

ShardedJobBoard::~ShardedJobBoard() = default;

ports::JobBoard& ShardedJobBoard::board_of(const std::string& path) {
  const auto found = std::find_if(shards_.begin(), shards_.end(),
                                  [&](const auto& shard) { return path.starts_with(shard->folder); });
  return (found == shards_.end() ? shards_.front() : *found)->board;  // of no shard: as good as any to say so
}

/// A listing of one shard says nothing of what stands in the others.
void ShardedJobBoard::listed(Shard& one) {
  one.listed = true;
  if (!std::all_of(shards_.begin(), shards_.end(), [](const auto& shard) { return shard->listed; })) return;
  none_listed();
  listener_->on_listed();
}

void ShardedJobBoard::none_listed() {
  for (const auto& shard : shards_) shard->listed = false;
}

void ShardedJobBoard::open(Listener& listener) {
  listener_ = &listener;
  for (const auto& shard : shards_) shard->board.open(*shard);
}

void ShardedJobBoard::post(const Posting& posting, Done<std::string> done) {
  shards_[shard_of(posting.uuid.value, shards_.size())]->board.post(posting, std::move(done));
}

void ShardedJobBoard::identity(Done<ports::BoardIdentity> done) {
  shards_.front()->board.identity(std::move(done));
}

/// The others find that it has changed when they claim next.
void ShardedJobBoard::identify(const ports::BoardIdentity& identity, Done<void> done) {
  shards_.front()->board.identify(identity, std::move(done));
}

void ShardedJobBoard::height(Done<std::int64_t> done) {
  shards_.front()->board.height(std::move(done));
}

void ShardedJobBoard::claim(const std::string& path, Done<ports::BoardClaim> done) {
  board_of(path).claim(path, std::move(done));
}

void ShardedJobBoard::abandon(const ports::BoardClaim& claim, Done<void> done) {
  board_of(claim.path).abandon(claim, std::move(done));
}

void ShardedJobBoard::consume(const ports::BoardClaim& claim, Done<void> done) {
  board_of(claim.path).consume(claim, std::move(done));
}

void ShardedJobBoard::trash(const ports::BoardClaim& claim, const std::string& reason, Done<void> done) {
  board_of(claim.path).trash(claim, reason, std::move(done));
}

void ShardedJobBoard::trash_unreadable(const std::string& path, const std::string& reason, Done<void> done) {
  board_of(path).trash_unreadable(path, reason, std::move(done));
}

void ShardedJobBoard::owner(const std::string& path, Done<std::string> done) {
  board_of(path).owner(path, std::move(done));
}

/// The lists of the shards, until the last one is there.
struct ShardedJobBoard::Gathering {
  std::size_t awaited;
  std::vector<BoardJob> jobs;
  std::optional<BoardError> error;

  void add(const Result<std::vector<BoardJob>, BoardError>& some) {
    --awaited;
    if (!some.ok()) return error = some.error(), void();
    jobs.insert(jobs.end(), some->begin(), some->end());
  }
  Result<std::vector<BoardJob>, BoardError> finish() {
    if (error) return Fail(*error);
    std::sort(jobs.begin(), jobs.end(), [](const BoardJob& a, const BoardJob& b) {
      if (a.posting.priority != b.posting.priority) return a.posting.priority > b.posting.priority;
      return a.czxid < b.czxid;
    });
    return std::move(jobs);
  }
};

void ShardedJobBoard::list(Done<std::vector<BoardJob>> done) {
  const auto gathering = std::make_shared<Gathering>(Gathering{shards_.size(), {}, {}});
  for (const auto& shard : shards_)
    shard->board.list([gathering, done](const Result<std::vector<BoardJob>, BoardError>& some) {
      gathering->add(some);
      if (gathering->awaited == 0) done(gathering->finish());
    });
}

void ShardedJobBoard::close() {
  for (const auto& shard : shards_) shard->board.close();
}

}  // namespace baton::zookeeper
