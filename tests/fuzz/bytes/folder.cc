#include "tests/fuzz/bytes/folder.h"

#include <algorithm>

namespace baton::fuzz {
namespace {

constexpr std::string_view kNext = "\n%%% ";

}  // namespace

std::string_view Folder::first() const {
  return rest_.substr(0, rest_.find(kNext));
}

flowfile::ReadText Folder::reader() const {
  return [this](const std::string& name) -> Result<std::string, std::string> {
    const auto found = part_of(name);
    if (!found) return Fail(std::string("there is no such file"));
    return std::string(*found);
  };
}

std::optional<std::string_view> Folder::part_of(const std::string& name) const {
  if (name.starts_with("0.")) return first();
  auto rest = rest_;
  for (auto at = rest.find(kNext); at != std::string_view::npos; at = rest.find(kNext)) {
    rest.remove_prefix(at + kNext.size());
    const auto line = rest.substr(0, rest.find('\n'));
    if (line != name) continue;
    const auto text = rest.substr(std::min(line.size() + 1, rest.size()));
    return text.substr(0, text.find(kNext));
  }
  return std::nullopt;
}

}  // namespace baton::fuzz
