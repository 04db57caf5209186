#include "common/zookeeper/board_home.h"

#include "common/zookeeper/guarded.h"

namespace baton::zookeeper {
namespace {

using ports::BoardError;
using ports::BoardErrorCode;
using ports::BoardIdentity;

const BoardError kEnded{BoardErrorCode::SessionLost, "the session ended meanwhile"};

BoardIdentity identity_of(const BoardId& said, std::int32_t version) {
  return {said.id, said.generation, version, {}};
}

}  // namespace

BoardError to_board_error(const Error& error) {
  switch (error.code) {
    case Code::SessionLost:
      return {BoardErrorCode::SessionLost, error.message};
    case Code::NoNode:
      return {BoardErrorCode::JobGone, error.message};
    case Code::NodeExists:
    case Code::NotEmpty:
    case Code::BadVersion:
    case Code::ConnectionLoss:
    case Code::Refused:
      return {BoardErrorCode::Unavailable, error.message};
  }
  BATON_ASSERT(false);
  return {};
}

BoardError no_connection(const Session& session) {
  if (session.closed())
    return {BoardErrorCode::Unavailable, "this process has closed the board: it is ending"};
  return {BoardErrorCode::Unavailable,
          "ZooKeeper cannot be reached (waited " + std::to_string(kConnectionWait.count() / 1000) + " s)"};
}

void BoardHome::ready(Ready then) {
  if (session_.connected() && prepared_for_ == session_.number()) {
    // Posted, so that a verb's steps never run inside the verb.
    session_.executor().post(
        guarded(weak_from_this(), [then = std::move(then), number = prepared_for_](BoardHome& self) {
          if (self.session_.number() == number) return then(self.known_);
          then(Fail(kEnded));
        }));
    return;
  }
  const bool stale = !waiting_.empty() && doubts_seen_ != doubts_;  // what is under way does not dispel it
  if (stale) return look_again(std::move(then));
  waiting_.push_back(std::move(then));
  if (waiting_.size() == 1) prepare();
}

void BoardHome::prepare() {
  session_.await_connection(kConnectionWait, guarded(weak_from_this(), [](BoardHome& self, bool up) {
                              const auto number = self.session_.number();
                              if (!up)
                                self.finish(0, Fail(no_connection(self.session_)));
                              else if (number == 0)
                                self.finish(0, Fail(kEnded));
                              else
                                self.look(number);
                            }));
}

/// What stood in this session, and nobody has doubted, is only read.
void BoardHome::look(std::uint64_t number) {
  doubts_seen_ = doubts_;
  if (number == prepared_for_) return read_id(number);
  make_folders(number);
}

void BoardHome::make_folders(std::uint64_t number) {
  const auto ignore = [](const Result<void, Error>&) {};  // the last answer tells
  session_.ensure_path(path_.jobs(), ignore);
  session_.ensure_path(path_.trash(), ignore);
  session_.ensure_path(path_.id_folder(),
                       guarded(weak_from_this(), [number](BoardHome& self, const Result<void, Error>& made) {
                         if (made.ok()) return self.read_id(number);
                         self.finish(number, Fail(to_board_error(made.error())));
                       }));
}

void BoardHome::read_id(std::uint64_t number) {
  session_.get(path_.id_node(),
               guarded(weak_from_this(), [number](BoardHome& self, const Result<Node, Error>& node) {
                 if (node.ok()) return self.judge(number, *node);
                 if (node.error().code == Code::NoNode) return self.create_id(number);
                 self.finish(number, Fail(to_board_error(node.error())));
               }));
}

/// Nobody does anything on a board whose other users look for jobs in other folders.
void BoardHome::judge(std::uint64_t number, const Node& node) {
  const BoardId said = BoardId::parse(node.data);
  const std::size_t noted = said.shards_of(path_);
  if (noted != path_.shards())
    return finish(number, Fail(BoardError{BoardErrorCode::Refused, other_shards(path_, noted)}));
  shards_ = said.shards;
  auto identity = identity_of(said, node.stat.version);
  // Where there have never been shards, what lies beside the board is of other boards.
  for (const auto& folder : said.notes_shards_of(path_) ? path_.all_folders() : path_.listed_folders(noted))
    identity.folders.push_back(folder + "/");
  finish(number, std::move(identity));
}

/// A new board has as many shards as who is first says.
void BoardHome::create_id(std::uint64_t number) {
  BoardId first;
  first.id = entropy_.uuid().to_string();
  if (path_.shards() > 1) first.note_shards(path_, path_.shards());
  session_.create(
      path_.id_node(), first.data(), NodeKind::Persistent,
      guarded(weak_from_this(), [number](BoardHome& self, const Result<std::string, Error>& made) {
        // Whoever was first: what is there now is the id.
        if (made.ok() || made.error().code == Code::NodeExists) return self.read_id(number);
        if (made.error().code == Code::NoNode) self.doubt();  // its folder was deleted, only that
        self.finish(number, Fail(to_board_error(made.error())));
      }));
}

void BoardHome::finish(std::uint64_t number, Result<BoardIdentity, BoardError> id) {
  if (id.ok() && number != session_.number()) id = Fail(kEnded);
  if (!id.ok() && id.error().code == BoardErrorCode::Refused) doubt();
  if (id.ok()) {
    known_ = *id;
    if (doubts_seen_ == doubts_) prepared_for_ = number;
  }
  const auto waiting = std::exchange(waiting_, {});
  for (const auto& then : waiting) then(id);
  begin_next_look();
}

/// A look under way may have been answered before who asks now did something about it.
void BoardHome::look_again(Ready then) {
  next_.push_back(std::move(then));
  begin_next_look();
}

void BoardHome::begin_next_look() {
  if (!waiting_.empty() || next_.empty()) return;
  waiting_ = std::exchange(next_, {});
  if (session_.connected() && session_.number() != 0) return look(session_.number());
  prepare();
}

void BoardHome::identity(Ready then) {
  doubt();
  look_again(std::move(then));
}

void BoardHome::identify(const BoardIdentity& identity, Done<void> done) {
  BoardId said;
  said.id = identity.id;
  said.generation = identity.generation;
  said.shards = shards_;  // as read last: if that is not what is there, the version is another, too
  session_.set(path_.id_node(), said.data(), identity.version,
               guarded(weak_from_this(),
                       [done = std::move(done)](BoardHome& self, const Result<Stat, Error>& written) {
                         self.doubt();
                         if (written.ok()) return done({});
                         auto error = to_board_error(written.error());
                         const Code code = written.error().code;
                         if (code == Code::BadVersion || code == Code::NoNode)
                           error.code = BoardErrorCode::AlreadyClaimed;
                         done(Fail(std::move(error)));
                       }));
}

/// A node of its own name, so that a reply that was lost leaves nothing in the way of the next try.
void BoardHome::height(Done<std::int64_t> done) {
  const std::string node = path_.id_folder() + "/height-" + entropy_.uuid().to_string();
  session_.create(node, {}, NodeKind::Ephemeral, [](const Result<std::string, Error>&) {});
  session_.exists(node, guarded(weak_from_this(),
                                [done = std::move(done)](BoardHome& self, const Result<Stat, Error>& stat) {
                                  if (stat.ok()) return done(stat->czxid);
                                  self.doubt();
                                  auto error = to_board_error(stat.error());
                                  if (error.code == BoardErrorCode::JobGone)
                                    error.code = BoardErrorCode::Unavailable;
                                  done(Fail(std::move(error)));
                                }));
  session_.remove(node, kAnyVersion, [](const Result<void, Error>&) {});
}

}  // namespace baton::zookeeper
