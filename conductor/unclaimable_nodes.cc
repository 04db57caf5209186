#include "conductor/unclaimable_nodes.h"

#include "common/runtime/log.h"

namespace baton::conductor {
namespace {

constexpr int kRecordTriesMax = 5;  // without being shown; it is tried on

}  // namespace

void UnclaimableNodes::show(const std::string& path, const std::string& why) {
  runtime::Log().warning("a node that only a person can remove", {{"node", path}, {"why", why}});
  shown_[path] = why;
}

void UnclaimableNodes::clear() {
  session_.renew();
  shown_.clear();
}

void UnclaimableNodes::unreadable(const std::string& path, const std::string& problem) {
  const std::string why = "this board node is no job: " + problem +
                          "; its bytes are in the board's .trash: post it again as a JSON object with uuid, "
                          "name and details";
  with_.unreadables.saw(runtime::UnreadableKind::Posting, why, path);
  record({path, why});
}

void UnclaimableNodes::record(const Node& node) {
  with_.host.store.record_unreadable(node.path, node.why,
                                     session_.guard([this, node](Result<void, ports::StoreError> recorded) {
                                       if (!recorded.ok()) return not_recorded(node, recorded.error());
                                       if (node.tries >= kRecordTriesMax) shown_.erase(node.path);
                                       move_to_trash(node);
                                     }));
}

void UnclaimableNodes::not_recorded(Node node, const ports::StoreError& error) {
  const std::string shown = "an unreadable node that cannot be recorded: " + error.message;
  if (error.code != ports::StoreErrorCode::Unavailable && error.code != ports::StoreErrorCode::OutcomeUnknown)
    return show(node.path, shown);
  with_.host.lifeline.store_failed(error.message);
  if (++node.tries == kRecordTriesMax) show(node.path, shown + "; it is tried again");
  with_.clock.after(with_.host.bounds.probe_pause, session_.guard([this, node] { record(node); }));
}

void UnclaimableNodes::move_to_trash(const Node& node) {
  with_.board.trash_unreadable(node.path, node.why,
                               session_.guard([this, node](Result<void, ports::BoardError> moved) {
                                 if (!moved.ok()) not_moved(node, moved.error());
                               }));
}

void UnclaimableNodes::not_moved(const Node& node, const ports::BoardError& error) {
  const auto again = [&](Millis pause) {
    with_.clock.after(pause, session_.guard([this, node] { move_to_trash(node); }));
  };
  const std::string shown = "an unreadable node that cannot be moved to the board's .trash: " + error.message;
  switch (error.code) {
    case ports::BoardErrorCode::JobGone:      // by another conductor
    case ports::BoardErrorCode::SessionLost:  // the next session tells of it again
      return;
    case ports::BoardErrorCode::Unavailable:
    case ports::BoardErrorCode::Refused:
      return again(with_.host.bounds.claim_retry_pause);
    case ports::BoardErrorCode::AlreadyClaimed:
      show(node.path, shown);
      return again(with_.host.bounds.left_alone_max);
    case ports::BoardErrorCode::NotOwner:
    case ports::BoardErrorCode::TooLarge:
      return show(node.path, shown);
  }
  BATON_ASSERT(false);
}

}  // namespace baton::conductor
