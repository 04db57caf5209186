#include "common/zookeeper/board_path.h"

#include <algorithm>

#include "common/model/assert.h"

namespace baton::zookeeper {

Result<BoardPath, std::string> BoardPath::parse(std::string_view path) {
  const auto refused = [&](const std::string& why) {
    return Fail("board path '" + std::string(path) + "': " + why +
                "; a board is named like /taskflow/<board>/jobs");
  };
  if (path.size() < 2 || path.front() != '/') return refused("it does not begin with '/' and a name");
  if (path.find('\0') != std::string_view::npos) return refused("it has a NUL in it");
  for (std::size_t begin = 1; begin <= path.size();) {
    const auto end = std::min(path.find('/', begin), path.size());
    const auto part = path.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..")
      return refused("its part '" + std::string(part) + "' is no name of a node");
    begin = end + 1;
  }
  return BoardPath(std::string(path));
}

std::string BoardPath::beside(std::string_view name) const {
  const std::string last(name_of(jobs_));
  std::string out;
  std::size_t from = 0;
  for (auto at = jobs_.find(last); at != std::string::npos; at = jobs_.find(last, from)) {
    out += jobs_.substr(from, at - from);
    out += name;
    from = at + last.size();
  }
  return out + jobs_.substr(from);
}

std::string BoardPath::folder_of_shard(std::size_t n) const {
  const auto last = whole_.rfind('/');
  return whole_.substr(0, last) + "." + std::to_string(n) + whole_.substr(last);
}

Result<BoardPath, std::string> BoardPath::shard(std::size_t n, std::size_t of) const {
  BATON_ASSERT(n < of && of > 1 && of <= kShardsMax);
  if (whole_.rfind('/') == 0)
    return Fail("board path '" + whole_ + "': a board with shards is named like /<board>/jobs");
  BoardPath made(folder_of_shard(n));
  made.whole_ = whole_;
  made.number_ = n;
  made.shards_ = of;
  return made;
}

std::vector<std::string> BoardPath::listed_folders(std::size_t shards) const {
  if (shards <= 1 || whole_.rfind('/') == 0) return {whole_};
  std::vector<std::string> folders;
  for (std::size_t n = 0; n < shards; ++n) folders.push_back(folder_of_shard(n));
  return folders;
}

std::vector<std::string> BoardPath::all_folders() const {
  std::vector<std::string> folders{whole_};
  if (whole_.rfind('/') == 0) return folders;
  for (std::size_t n = 0; n < kShardsMax; ++n) folders.push_back(folder_of_shard(n));
  return folders;
}

std::vector<std::string> BoardPath::unlisted_folders(std::size_t shards) const {
  const auto listed = listed_folders(shards);
  auto folders = all_folders();
  std::erase_if(
      folders, [&](const auto& one) { return std::find(listed.begin(), listed.end(), one) != listed.end(); });
  return folders;
}

std::string BoardPath::id_folder() const {
  return whole_.substr(0, whole_.rfind('/')) + "/.baton";
}

}  // namespace baton::zookeeper
