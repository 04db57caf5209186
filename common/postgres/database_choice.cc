#include "common/postgres/database_choice.h"

namespace baton::postgres {
namespace {

/// The timeline has eight hexadecimal digits.
bool is_successor(const std::string& later, const std::string& earlier) {
  const auto slash = later.rfind('/');
  return slash != std::string::npos && later.size() == earlier.size() &&
         later.compare(0, slash, earlier, 0, slash) == 0 && later > earlier;
}

}  // namespace

std::string DatabaseChoice::refused_to_writer(const std::string& origin) {
  if (auto refused = refused_as_earlier(origin); !refused.empty()) return refused;
  writers_ = newest_ = origin;
  return {};
}

std::string DatabaseChoice::refused_to_others(const std::string& origin) {
  if (auto refused = refused_as_earlier(origin); !refused.empty()) return refused;
  if (newest_.empty() || is_successor(origin, newest_)) newest_ = origin;
  if (writers_.empty() || origin == writers_) return {};
  return "it is " + origin + " (system id/timeline), and commits go to " + writers_ +
         ": another host of the list, or what its name stood for before";
}

std::string DatabaseChoice::refused_as_earlier(const std::string& origin) const {
  if (!is_successor(newest_, origin)) return {};
  return "it is " + origin + " (system id/timeline), and " + newest_ +
         " has taken over from it: what it confirms would be lost; stop it, or start this process anew if it "
         "was put back on purpose";
}

}  // namespace baton::postgres
