#include "flowfile/disk.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "flowfile/limits.h"

namespace baton::flowfile {
namespace {

Result<std::string, std::string> read_file(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return Fail("cannot read '" + path + "': it is a folder");
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  std::string text(kFileBytesMax + 1, '\0');  // one more: who reads it sees that it is too long
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || (in.fail() && !in.eof()))
    return Fail("cannot read '" + path + "': " + std::strerror(errno ? errno : EIO));
  text.resize(static_cast<std::size_t>(in.gcount()));
  text.shrink_to_fit();  // a flow keeps the texts of all its files
  return text;
}

}  // namespace

ReadText from_disk() {
  return read_file;
}

}  // namespace baton::flowfile
