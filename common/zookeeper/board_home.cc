#include "common/zookeeper/board_home.h"

#include "common/model/value.h"
#include "common/zookeeper/guarded.h"

#include <boost/json/value.hpp>

namespace baton::zookeeper {
namespace {

using ports::BoardError;
using ports::BoardErrorCode;

const BoardError kEnded{BoardErrorCode::SessionLost, "the session ended meanwhile"};

/// {"id": "<uuid>"}; anything else that somebody wrote there is an id as well as any: its bytes.
std::string id_in(const std::string& data) {
  if (const auto value = Value::parse(data); value.ok()) {
    const auto tree = value->tree();
    const auto* object = tree.if_object();
    const auto* id = object ? object->if_contains("id") : nullptr;
    if (id && id->is_string()) return {id->get_string().data(), id->get_string().size()};
  }
  return data;
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
          if (self.session_.number() == number) return then(self.id_);
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
                                self.finish(number, self.id_);
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
                 if (node.ok()) return self.finish(number, id_in(node->data));
                 if (node.error().code == Code::NoNode) return self.create_id(number);
                 self.finish(number, Fail(to_board_error(node.error())));
               }));
}

void BoardHome::create_id(std::uint64_t number) {
  const std::string data = "{\"id\": " + quoted(entropy_.uuid().to_string()) + "}";
  session_.create(
      path_.id_node(), data, NodeKind::Persistent,
      guarded(weak_from_this(), [number](BoardHome& self, const Result<std::string, Error>& made) {
        // Whoever was first: what is there now is the id.
        if (made.ok() || made.error().code == Code::NodeExists) return self.read_id(number);
        self.finish(number, Fail(to_board_error(made.error())));
      }));
}

void BoardHome::finish(std::uint64_t number, Result<std::string, BoardError> id) {
  if (id.ok() && number != session_.number()) id = Fail(kEnded);
  if (id.ok()) {
    prepared_for_ = number;
    id_ = *id;
  }
  const auto waiting = std::exchange(waiting_, {});
  for (const auto& then : waiting) then(id);
}

}  // namespace baton::zookeeper
