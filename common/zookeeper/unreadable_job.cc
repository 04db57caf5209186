#include "common/zookeeper/unreadable_job.h"

#include "common/zookeeper/guarded.h"
#include "common/zookeeper/trash_data.h"

namespace baton::zookeeper {
namespace {

using ports::BoardError;
using ports::BoardErrorCode;

/// One removal, step by step. It lives in the callbacks of its steps and ends with the board.
struct Removal : std::enable_shared_from_this<Removal> {
  Session& session;
  std::weak_ptr<BoardHome> home;  // the board still is
  BoardPath board;
  std::string path, reason;
  ports::JobBoard::Done<void> done;
  std::string trash_name;
  bool reply_lost = false;
  int tries = 0;

  Removal(Session& s, std::weak_ptr<BoardHome> h, BoardPath b, std::string p, std::string r,
          ports::JobBoard::Done<void> d)
      : session(s),
        home(std::move(h)),
        board(std::move(b)),
        path(std::move(p)),
        reason(std::move(r)),
        done(std::move(d)),
        trash_name(BoardPath::name_of(path)) {}

  /// The step runs only while the board is there; with it goes the session.
  template <class F>
  auto step(F f) {
    return guarded(home,
                   [self = shared_from_this(), f](BoardHome&, const auto& result) { f(*self, result); });
  }

  void begin() {
    if (++tries > kTriesMax)
      return fail(BoardErrorCode::Unavailable, "no answer in " + std::to_string(tries - 1) + " tries");
    if (const auto there = home.lock())
      there->ready(step([](Removal& self, const Result<ports::BoardIdentity, BoardError>& id) {
        if (!id.ok()) return self.done(Fail(id.error()));
        self.read();
      }));
  }

  void read() {
    session.sync(path, [](const Result<void, Error>&) {});
    session.get(path, step([](Removal& self, const Result<Node, Error>& node) {
                  if (node.ok()) return self.move(*node);
                  if (node.error().code == Code::ConnectionLoss) return self.begin();
                  if (node.error().code == Code::NoNode && self.reply_lost) return self.done({});
                  self.done(Fail(to_board_error(node.error())));
                }));
  }

  void move(const Node& node) {
    const std::string lock = BoardPath::lock_of(path);
    session.multi({CreateOp{board.trash() + "/" + trash_name, with_trash_reason(node.data, reason)},
                   CreateOp{lock, R"({"owner": "trash"})", NodeKind::Ephemeral}, RemoveOp{lock},
                   RemoveOp{path, node.stat.version}},
                  step([czxid = node.stat.czxid](Removal& self, const Result<void, Error>& moved) {
                    if (moved.ok()) return self.done({});
                    self.again(moved.error(), czxid);
                  }));
  }

  void again(const Error& error, std::int64_t czxid) {
    const bool trash_refused = error.operation == 0;
    if (error.code == Code::ConnectionLoss) {
      reply_lost = true;
      begin();
    } else if (error.code == Code::NodeExists && trash_refused) {
      trash_name = std::string(BoardPath::name_of(path)) + "." + std::to_string(czxid);
      begin();
    } else if (error.code == Code::NodeExists) {
      fail(BoardErrorCode::AlreadyClaimed, "somebody holds it");
    } else if (error.code == Code::BadVersion) {
      begin();  // written meanwhile: read again
    } else if (error.code == Code::NoNode && trash_refused) {
      if (const auto there = home.lock()) there->doubt();
      begin();
    } else {
      done(Fail(to_board_error(error)));
    }
  }

  void fail(BoardErrorCode code, const std::string& why) { done(Fail(BoardError{code, path + ": " + why})); }
};

}  // namespace

void trash_unreadable(Session& session, const std::shared_ptr<BoardHome>& home, const BoardPath& board,
                      const std::string& path, const std::string& reason, ports::JobBoard::Done<void> done) {
  std::make_shared<Removal>(session, home, board, path, reason, std::move(done))->begin();
}

}  // namespace baton::zookeeper
