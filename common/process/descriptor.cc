#include "common/process/descriptor.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace baton::process {

void Descriptor::close() {
  if (number_ >= 0) ::close(std::exchange(number_, -1));
}

Result<Pipe, std::string> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Fail(std::string("no pipe: ") + std::strerror(errno));
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

void never_block(const Descriptor& descriptor) {
  ::fcntl(descriptor.number(), F_SETFL, ::fcntl(descriptor.number(), F_GETFL) | O_NONBLOCK);
}

void read_ready(Descriptor& from, std::size_t bytes_max, const std::function<void(std::string_view)>& keep) {
  std::array<char, 4'096> part;
  while (from.open() && bytes_max > 0) {
    const ssize_t count = ::read(from.number(), part.data(), std::min(part.size(), bytes_max));
    if (count < 0) return;
    if (count == 0) return from.close();
    keep({part.data(), static_cast<std::size_t>(count)});
    bytes_max -= static_cast<std::size_t>(count);
  }
}

}  // namespace baton::process
