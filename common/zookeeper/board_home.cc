#include "common/zookeeper/board_home.h"

#include "common/model/value.h"
#include "common/zookeeper/guarded.h"

#include <boost/json/value.hpp>

namespace baton::zookeeper {
namespace {

using ports::BoardError;
using ports::BoardErrorCode;
using ports::BoardIdentity;

const BoardError kEnded{BoardErrorCode::SessionLost, "the session ended meanwhile"};

constexpr std::int64_t kGenerationMax = 1'000'000'000;  // what is larger, nobody has counted

/// {"id": "<uuid>", "generation": 3}; anything else that somebody wrote there is an id as well as any: its
/// bytes.
BoardIdentity identity_in(const Node& node) {
  BoardIdentity identity{node.data, 0, node.stat.version, {}};
  const auto value = Value::parse(node.data);
  if (!value.ok()) return identity;
  const auto tree = value->tree();
  const auto* object = tree.if_object();
  const auto* id = object ? object->if_contains("id") : nullptr;
  if (!id || !id->is_string()) return identity;
  identity.id.assign(id->get_string().data(), id->get_string().size());
  const auto* generation = object->if_contains("generation");
  if (generation && generation->is_int64() && generation->get_int64() > 0 &&
      generation->get_int64() <= kGenerationMax)
    identity.generation = static_cast<std::uint32_t>(generation->get_int64());
  return identity;
}

std::string data_of(const BoardIdentity& identity) {
  std::string data = "{\"id\": " + quoted(identity.id);
  if (identity.generation > 0) data += ", \"generation\": " + std::to_string(identity.generation);
  return data + "}";
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
  waiting_.push_back(std::move(then));
  if (waiting_.size() == 1) prepare();
}

void BoardHome::prepare() {
  session_.await_connection(kConnectionWait, guarded(weak_from_this(), [](BoardHome& self, bool up) {
                              const auto number = self.session_.number();
                              if (!up)
                                self.finish(0, Fail(no_connection(self.session_)));
                              else if (number == self.prepared_for_)
                                self.finish(number, self.known_);
                              else
                                self.make_folders(number);
                            }));
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
                 if (node.ok()) return self.finish(number, identity_in(*node));
                 if (node.error().code == Code::NoNode) return self.create_id(number);
                 self.finish(number, Fail(to_board_error(node.error())));
               }));
}

void BoardHome::create_id(std::uint64_t number) {
  session_.create(
      path_.id_node(), data_of({entropy_.uuid().to_string(), 0, 0, {}}), NodeKind::Persistent,
      guarded(weak_from_this(), [number](BoardHome& self, const Result<std::string, Error>& made) {
        // Whoever was first: what is there now is the id.
        if (made.ok() || made.error().code == Code::NodeExists) return self.read_id(number);
        self.finish(number, Fail(to_board_error(made.error())));
      }));
}

void BoardHome::finish(std::uint64_t number, Result<BoardIdentity, BoardError> id) {
  if (id.ok() && number != session_.number()) id = Fail(kEnded);
  if (id.ok()) {
    id->folder = path_.folder();
    prepared_for_ = number;
    known_ = *id;
  }
  const auto waiting = std::exchange(waiting_, {});
  for (const auto& then : waiting) then(id);
}

void BoardHome::identity(Ready then) {
  doubt();
  ready(std::move(then));
}

void BoardHome::identify(const BoardIdentity& identity, Done<void> done) {
  session_.set(path_.id_node(), data_of(identity), identity.version,
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
