#include "common/zookeeper/session_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "common/model/value.h"

namespace baton::zookeeper {
namespace {

std::string hex(const std::array<char, 16>& bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text += kDigits[(static_cast<unsigned char>(byte)) >> 4];
    text += kDigits[(static_cast<unsigned char>(byte)) & 15];
  }
  return text;
}

std::string problem(const std::string& what, const std::string& path) {
  return "session file " + path + ": " + what + ": " + std::strerror(errno);
}

}  // namespace

std::string session_hex(std::int64_t id) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(id));
  return text;
}

std::string write_session_file(const std::string& path, const std::string& hosts,
                               const SessionIdentity& identity) {
  const std::string text = "{\"hosts\": " + quoted(hosts) + ", \"session\": \"" + session_hex(identity.id) +
                           "\", \"password\": \"" + hex(identity.password) +
                           "\", \"timeout_ms\": " + std::to_string(identity.timeout.count()) + "}\n";
  const std::string aside = path + ".new";
  ::unlink(aside.c_str());  // of an earlier life, perhaps with another mode
  const int file = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return problem("cannot create " + aside, path);
  const auto written = ::write(file, text.data(), text.size());
  const bool whole = written == static_cast<ssize_t>(text.size());
  if (::close(file) != 0 || !whole) return problem("cannot write", path);
  if (::rename(aside.c_str(), path.c_str()) != 0) return problem("cannot replace", path);
  return {};
}

}  // namespace baton::zookeeper
