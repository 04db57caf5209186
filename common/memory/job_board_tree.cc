#include "common/memory/job_board_tree.h"

#include <algorithm>
#include <sstream>

namespace baton::memory {

using ports::BoardClaim;
using ports::BoardError;
using ports::BoardErrorCode;
using ports::BoardJob;

JobBoardTree::Listing JobBoardTree::listing(std::uint64_t session) const {
  Listing listing{mirror_->compare(), {}};
  for (const auto& name : ensemble_->children(path_)) {
    if (!name.ends_with(".lock")) continue;
    const std::string path = path_ + "/" + name;
    if (const auto* lock = ensemble_->find(path); lock->session == session)
      listing.locks[path.substr(0, path.rfind('.'))] = lock->czxid;
  }
  return listing;
}

/// "<id> <generation> <version>"; only the id where nothing was noted yet.
Result<ports::BoardIdentity, BoardError> JobBoardTree::identity() const {
  const std::string node = beside(".baton/board-id");
  ports::BoardIdentity identity{ensemble_->id_at(node), 0, 0, {path_ + "/"}};
  std::istringstream words(ensemble_->find(node)->data);
  std::string id;
  words >> id >> identity.generation >> identity.version;
  return identity;
}

Result<void, BoardError> JobBoardTree::identify(const ports::BoardIdentity& identity) const {
  if (identity.version != this->identity()->version)
    return Fail(BoardError{BoardErrorCode::AlreadyClaimed, "another has written the board's id since"});
  const std::string node = beside(".baton/board-id");
  ensemble_->remove(node);
  ensemble_->create(node, identity.id + " " + std::to_string(identity.generation) + " " +
                              std::to_string(identity.version + 1));
  return {};
}

Result<std::int64_t, BoardError> JobBoardTree::height(std::uint64_t session) const {
  const std::string node = beside(".baton/height-") + std::to_string(session);
  const std::int64_t czxid = ensemble_->create(node, {}, session)->czxid;
  ensemble_->remove(node);
  return czxid;
}

Result<std::string, BoardError> JobBoardTree::post(const Posting& posting) const {
  if (posting.raw.json().size() > kPostingBytesMax)
    return Fail(
        BoardError{BoardErrorCode::TooLarge, "job " + posting.uuid.value + ": the posting is too large"});
  if (auto known = mirror_->find(posting.uuid, posting.run); !known.empty()) return known;
  return ensemble_->create_sequential(path_ + "/job", std::string(posting.raw.json()));
}

Result<BoardClaim, BoardError> JobBoardTree::claim(const std::string& path, std::uint64_t session) const {
  const auto* node = ensemble_->find(path);
  if (!node) return Fail(BoardError{BoardErrorCode::JobGone, path + ": no such node"});
  const auto posting = Posting::parse(node->data);
  if (!posting.ok())
    return Fail(BoardError{BoardErrorCode::JobGone, path + " cannot be read: " + posting.error().message});
  const auto* lock = ensemble_->create(path + ".lock", "{\"owner\": " + quoted(owner_) + "}", session);
  if (!lock) return Fail(BoardError{BoardErrorCode::AlreadyClaimed, path + ": another was faster"});
  return BoardClaim{path, posting->uuid, ensemble_->id_at(beside(".baton/board-id")), lock->czxid};
}

bool JobBoardTree::holds(std::uint64_t session, const BoardClaim& claim) const {
  const auto* lock = ensemble_->find(claim.path + ".lock");
  return lock && lock->session == session && lock->czxid == claim.lock_czxid;
}

Result<void, BoardError> JobBoardTree::unlock(const BoardClaim& claim, std::uint64_t session) const {
  if (!holds(session, claim))
    return Fail(BoardError{BoardErrorCode::NotOwner, claim.path + ": this session does not hold that claim"});
  ensemble_->remove(claim.path + ".lock");
  return {};
}

Result<void, BoardError> JobBoardTree::remove(const BoardClaim& claim, std::uint64_t session,
                                              const std::string* trash_reason) const {
  if (auto unlocked = unlock(claim, session); !unlocked.ok()) return unlocked;
  const auto* job = ensemble_->find(claim.path);
  if (!job) return Fail(BoardError{BoardErrorCode::JobGone, claim.path + ": removed by another"});
  if (trash_reason) {
    std::string data = job->data;
    data.insert(data.rfind('}'), ", \"trash_reason\": " + quoted(*trash_reason));
    move_to_trash(claim.path, data);
  }
  ensemble_->remove(claim.path);
  return {};
}

void JobBoardTree::move_to_trash(const std::string& path, const std::string& data) const {
  const std::string place = beside(".trash") + path.substr(path.rfind('/'));
  if (!ensemble_->create(place, data))
    ensemble_->create(place + "." + ensemble_->entropy().uuid().to_string(), data);
}

Result<void, BoardError> JobBoardTree::trash_unreadable(const std::string& path) const {
  const auto* node = ensemble_->find(path);
  if (!node) return Fail(BoardError{BoardErrorCode::JobGone, path + ": no such node"});
  if (ensemble_->find(path + ".lock"))
    return Fail(BoardError{BoardErrorCode::AlreadyClaimed, path + ": somebody holds it"});
  move_to_trash(path, node->data);
  ensemble_->remove(path);
  return {};
}

Result<std::string, BoardError> JobBoardTree::owner(const std::string& path) const {
  const auto* lock = ensemble_->find(path + ".lock");
  if (!lock) return std::string{};
  const auto tree = Value::parse(lock->data);
  const auto value = tree.ok() ? tree->tree() : boost::json::value{};
  const auto* object = value.if_object();
  const auto* owner = object ? object->if_contains("owner") : nullptr;
  if (!owner || !owner->is_string()) return std::string("(unreadable lock)");
  return std::string(owner->get_string().data(), owner->get_string().size());
}

Result<std::vector<BoardJob>, BoardError> JobBoardTree::list() const {
  auto jobs = mirror_->read();
  std::stable_sort(jobs.begin(), jobs.end(),
                   [](const auto& a, const auto& b) { return a.posting.priority > b.posting.priority; });
  return jobs;
}

}  // namespace baton::memory
