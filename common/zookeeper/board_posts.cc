#include "common/zookeeper/board_posts.h"

#include <algorithm>

#include "common/zookeeper/guarded.h"
#include "common/zookeeper/lock_data.h"

namespace baton::zookeeper {

using ports::BoardError;
using ports::BoardErrorCode;
using ports::BoardJob;

struct BoardPosts::Post {
  Posting posting;
  std::vector<Done<std::string>> done;
  int tries = 0;
};

BoardPosts::BoardPosts(Session& session, BoardPath path, BoardHome& home, BoardListing& listing)
    : session_(session), path_(std::move(path)), home_(home), listing_(listing) {}

void BoardPosts::post(const Posting& posting, Done<std::string> done) {
  const auto answer = [&](Result<std::string, BoardError> result) {
    session_.executor().post([done, result] { done(result); });
  };
  if (posting.raw.json().size() > kPostingBytesMax)
    return answer(Fail(BoardError{BoardErrorCode::TooLarge,
                                  "job " + posting.uuid.value + ": the posting has " +
                                      std::to_string(posting.raw.json().size()) + " bytes, the limit is " +
                                      std::to_string(kPostingBytesMax)}));
  if (auto known = find(posting); !known.empty()) return answer(known);
  auto& post = under_way_[{posting.uuid.value, posting.run}];
  const bool first = !post;
  if (first) post = std::make_shared<Post>(Post{posting, {}});
  post->done.push_back(std::move(done));
  if (first) begin(std::shared_ptr(post));
}

std::string BoardPosts::find(const Posting& posting) const {
  if (auto known = listing_.find(posting.uuid, posting.run); !known.empty()) return known;
  const auto fresh = fresh_.find({posting.uuid.value, posting.run});
  const bool holds = fresh != fresh_.end() && fresh->second.session == session_.number() &&
                     fresh->second.listings >= listing_.last_whole();
  return holds ? fresh->second.path : std::string{};
}

/// The number of shards may have been changed since this session read it.
void BoardPosts::begin(const std::shared_ptr<Post>& post) {
  home_.look_again(
      guarded(weak_from_this(), [post](BoardPosts& self, const Result<ports::BoardIdentity, BoardError>& id) {
        if (!id.ok()) return self.posted(post, Fail(id.error()));
        // A reply was lost before: our node may be there.
        if (post->tries > 0) return self.search(post);
        self.create(post);
      }));
}

void BoardPosts::create(const std::shared_ptr<Post>& post) {
  session_.create(path_.job_prefix(), std::string(post->posting.raw.json()), NodeKind::PersistentSequential,
                  guarded(weak_from_this(), [post](BoardPosts& self, const Result<std::string, Error>& made) {
                    if (made.ok()) return self.posted(post, *made);
                    const Code code = made.error().code;
                    if (code == Code::NoNode) self.home_.doubt();  // the folder was deleted
                    const bool again =
                        code == Code::NoNode || code == Code::ConnectionLoss || code == Code::SessionLost;
                    if (again && ++post->tries < kTriesMax) return self.begin(post);
                    self.posted(post, Fail(to_board_error(made.error())));
                  }));
}

void BoardPosts::search(const std::shared_ptr<Post>& post) {
  session_.sync(path_.jobs(), [](const Result<void, Error>&) {});
  read_all(guarded(weak_from_this(),
                   [post](BoardPosts& self, const Result<std::vector<BoardJob>, BoardError>& jobs) {
                     if (!jobs.ok()) {
                       if (++post->tries < kTriesMax) return self.begin(post);
                       return self.posted(post, Fail(jobs.error()));
                     }
                     for (const auto& job : *jobs)
                       if (job.posting.uuid == post->posting.uuid && job.posting.run == post->posting.run)
                         return self.posted(post, job.path);
                     self.create(post);
                   }));
}

void BoardPosts::posted(const std::shared_ptr<Post>& post, Result<std::string, BoardError> result) {
  const Key key{post->posting.uuid.value, post->posting.run};
  under_way_.erase(key);
  std::erase_if(fresh_, [&](const auto& known) { return known.second.listings < listing_.last_whole(); });
  if (result.ok() && listing_.is_open()) fresh_[key] = {*result, session_.number(), listing_.begun()};
  for (const auto& done : post->done) done(result);
}

// ---- list, owner ----

void BoardPosts::list(Done<std::vector<BoardJob>> done) {
  home_.ready(
      guarded(weak_from_this(),
              [done = std::move(done)](BoardPosts& self, const Result<ports::BoardIdentity, BoardError>& id) {
                if (!id.ok()) return done(Fail(id.error()));
                self.read_all(done);
              }));
}

void BoardPosts::read_all(Done<std::vector<BoardJob>> done) {
  session_.children(
      path_.jobs(),
      guarded(weak_from_this(), [done = std::move(done)](
                                    BoardPosts& self, const Result<std::vector<std::string>, Error>& names) {
        if (names.ok()) return self.read_jobs(*names, done);
        if (names.error().code == Code::NoNode) return done(std::vector<BoardJob>{});
        done(Fail(to_board_error(names.error())));
      }));
}

void BoardPosts::read_jobs(const std::vector<std::string>& names, Done<std::vector<BoardJob>> done) {
  std::vector<std::string> paths;
  std::set<std::string> locks;
  for (const auto& name : names) {
    if (BoardPath::is_job(name)) paths.push_back(path_.job(name));
    if (BoardPath::is_lock(name)) locks.insert(path_.job(name));  // as lock_of() names it
  }
  struct Reading {
    std::vector<BoardJob> jobs;
    std::optional<BoardError> error;
  };
  const auto reading = std::make_shared<Reading>();
  const auto each = [reading, locks = std::move(locks)](const std::string& path,
                                                        const Result<Node, Error>& node) {
    if (!node.ok()) {
      if (node.error().code != Code::NoNode) reading->error = to_board_error(node.error());
      return;
    }
    const auto posting = Posting::parse(node->data);
    if (!posting.ok()) return;
    reading->jobs.push_back({path, *posting, node->stat.czxid, TimePoint{Millis{node->stat.ctime_ms}},
                             locks.contains(BoardPath::lock_of(path))});
  };
  session_.get_many(std::move(paths), each, [reading, done = std::move(done)] {
    if (reading->error) return done(Fail(*reading->error));
    std::sort(reading->jobs.begin(), reading->jobs.end(), [](const BoardJob& a, const BoardJob& b) {
      if (a.posting.priority != b.posting.priority) return a.posting.priority > b.posting.priority;
      return a.czxid < b.czxid;
    });
    done(std::move(reading->jobs));
  });
}

void BoardPosts::owner(const std::string& path, Done<std::string> done) {
  home_.ready(guarded(
      weak_from_this(),
      [path, done = std::move(done)](BoardPosts& self, const Result<ports::BoardIdentity, BoardError>& id) {
        if (!id.ok()) return done(Fail(id.error()));
        self.session_.get(BoardPath::lock_of(path), [done](const Result<Node, Error>& lock) {
          if (lock.ok()) return done(owner_in(lock->data));
          if (lock.error().code == Code::NoNode) return done(std::string{});
          done(Fail(to_board_error(lock.error())));
        });
      }));
}

}  // namespace baton::zookeeper
