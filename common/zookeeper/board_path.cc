#include "common/zookeeper/board_path.h"

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

Result<BoardPath, std::string> BoardPath::shard(std::size_t n) const {
  const auto last = jobs_.rfind('/');
  if (last == 0) return Fail("board path '" + jobs_ + "': a board with shards is named like /<board>/jobs");
  const std::string board = jobs_.substr(0, last), jobs = jobs_.substr(last);
  BoardPath made(board + "." + std::to_string(n) + jobs);
  made.folder_ = board + ".";
  made.id_parent_ = board + ".0";
  return made;
}

std::string BoardPath::id_folder() const {
  return (id_parent_.empty() ? jobs_.substr(0, jobs_.rfind('/')) : id_parent_) + "/.baton";
}

}  // namespace baton::zookeeper
