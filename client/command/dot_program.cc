#include "client/command/dot_program.h"

#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

extern char** environ;

namespace baton::client {
namespace {

/// A file in memory; the child reads it from the start as its stdin, or writes it.
class MemoryFile {
 public:
  MemoryFile() : descriptor_(::memfd_create("baton-dot", MFD_CLOEXEC)) {}
  ~MemoryFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  int descriptor() const { return descriptor_; }

  bool write(std::string_view text) {
    while (!text.empty()) {
      const auto written = ::write(descriptor_, text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(written));
    }
    return ::lseek(descriptor_, 0, SEEK_SET) == 0;
  }

  std::string read() const {
    std::string text;
    std::array<char, 65536> part;
    for (off_t at = 0;; at = static_cast<off_t>(text.size())) {
      const auto count = ::pread(descriptor_, part.data(), part.size(), at);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return text;
      text.append(part.data(), static_cast<std::size_t>(count));
    }
  }

 private:
  const int descriptor_;
};

/// The program's exit status as waitpid gives it, or the error number of starting it.
Result<int, int> run(const MemoryFile& in, const MemoryFile& out, const MemoryFile& err) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.descriptor(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out.descriptor(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.descriptor(), STDERR_FILENO);
  std::string program = "dot", format = "-Tsvg";
  char* arguments[] = {program.data(), format.data(), nullptr};
  pid_t child = 0;
  const int error = ::posix_spawnp(&child, "dot", &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return Fail(error);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return Fail(errno);
  return status;
}

}  // namespace

Result<std::string, std::string> svg_of(const std::string& dot_picture) {
  MemoryFile in, out, err;
  if (in.descriptor() < 0 || out.descriptor() < 0 || err.descriptor() < 0 || !in.write(dot_picture))
    return Fail(std::string("no memory for the picture: ") + std::strerror(errno));
  const auto status = run(in, out, err);
  if (!status.ok() && status.error() == ENOENT)
    return Fail(
        std::string("svg needs graphviz's program 'dot', which is not here\n"
                    "  hint: apt-get install graphviz, or take --format dot, mermaid or ascii"));
  if (!status.ok()) return Fail(std::string("cannot start 'dot': ") + std::strerror(status.error()));
  if (!WIFEXITED(*status) || WEXITSTATUS(*status) != 0)
    return Fail("'dot' could not draw the flow: " + err.read().substr(0, 1000));
  return out.read();
}

}  // namespace baton::client
