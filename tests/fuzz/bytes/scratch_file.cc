#include "tests/fuzz/bytes/scratch_file.h"

#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/bytes/expectations.h"

namespace baton::fuzz {

ScratchFile::ScratchFile()
    : number_(::memfd_create("scratch", MFD_CLOEXEC)), path_("/proc/self/fd/" + std::to_string(number_)) {
  expect(number_ >= 0, "there is room for a file");
}

ScratchFile::~ScratchFile() {
  ::close(number_);
}

void ScratchFile::write(std::string_view bytes) {
  const bool written = ::ftruncate(number_, 0) == 0 &&
                       ::pwrite(number_, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size());
  expect(written, "the file is written");
}

}  // namespace baton::fuzz
