#include "common/zookeeper/session_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <boost/json/value.hpp>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

#include "common/model/value.h"

namespace baton::zookeeper {
namespace {

constexpr std::int64_t kTimeoutMax = INT32_MAX;  // milliseconds, as the client library takes them

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

bool read_hex(std::string_view text, std::array<char, 16>& bytes) {
  if (text.size() != 2 * bytes.size()) return false;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    unsigned char byte = 0;
    const char* const begin = text.data() + 2 * i;
    const auto [end, error] = std::from_chars(begin, begin + 2, byte, 16);
    if (error != std::errc{} || end != begin + 2) return false;
    bytes[i] = static_cast<char>(byte);
  }
  return true;
}

bool read_id(std::string_view text, std::int64_t& id) {
  if (!text.starts_with("0x")) return false;
  std::uint64_t number = 0;  // the server's number may have the highest bit set
  const auto [end, error] = std::from_chars(text.data() + 2, text.data() + text.size(), number, 16);
  id = static_cast<std::int64_t>(number);
  return error == std::errc{} && end == text.data() + text.size();
}

/// Empty when the member is missing or no text.
std::string text_of(const boost::json::object& object, const char* name) {
  const auto* found = object.if_contains(name);
  const auto* text = found ? found->if_string() : nullptr;
  return text ? std::string(text->data(), text->size()) : std::string{};
}

}  // namespace

std::string session_hex(std::int64_t id) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(id));
  return text;
}

std::string write_session_file(const std::string& path, const SessionFile& what) {
  const std::string text = "{\"hosts\": " + quoted(what.hosts) + ", \"session\": \"" +
                           session_hex(what.identity.id) + "\", \"password\": \"" +
                           hex(what.identity.password) +
                           "\", \"timeout_ms\": " + std::to_string(what.identity.timeout.count()) +
                           ", \"death_note\": " + quoted(what.death_note) + "}\n";
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

Result<SessionFile, std::string> read_session_file(const std::string& path) {
  std::ifstream file(path);
  if (!file) return Fail(problem("cannot read", path));
  std::ostringstream text;
  text << file.rdbuf();
  const auto parsed = Value::parse(text.str());
  const auto tree = parsed.ok() ? parsed->tree() : boost::json::value{};
  const auto* object = tree.if_object();
  SessionFile read;
  const auto* timeout = object ? object->if_contains("timeout_ms") : nullptr;
  const auto* timeout_ms = timeout ? timeout->if_int64() : nullptr;
  if (!timeout_ms || *timeout_ms < 1 || *timeout_ms > kTimeoutMax ||
      !read_id(text_of(*object, "session"), read.identity.id) ||
      !read_hex(text_of(*object, "password"), read.identity.password))
    return Fail("session file " + path + ": it does not hold what a daemon writes into it");
  read.identity.timeout = Millis{*timeout_ms};
  read.hosts = text_of(*object, "hosts");
  read.death_note = text_of(*object, "death_note");
  return read;
}

}  // namespace baton::zookeeper
