#include "common/runtime/crash_marker.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

namespace baton::runtime {
namespace {

constexpr std::size_t kBytes = CrashMarker::kNameBytesMax + 1;  // the first byte is the name's length

}  // namespace

Result<CrashMarker, std::string> CrashMarker::open(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  // Room on the disk now: a hole would be filled at the first name, and a full disk would kill us then.
  int reason = file < 0 ? errno : ::posix_fallocate(file, 0, kBytes);
  void* const page =
      reason == 0 ? ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0) : MAP_FAILED;
  if (reason == 0 && page == MAP_FAILED) reason = errno;
  if (file >= 0) ::close(file);
  if (page == MAP_FAILED) return Fail("crash marker " + path + ": " + std::strerror(reason));
  return CrashMarker(static_cast<char*>(page));
}

CrashMarker::CrashMarker(CrashMarker&& other) noexcept : page_(std::exchange(other.page_, nullptr)) {}

CrashMarker::~CrashMarker() {
  if (page_) ::munmap(page_, kBytes);
}

void CrashMarker::name(std::string_view job) {
  if (job.size() > kNameBytesMax) return;
  std::memcpy(page_ + 1, job.data(), job.size());
  // A crash may come between any two instructions: the name counts from its length on.
  std::atomic_signal_fence(std::memory_order_seq_cst);
  page_[0] = static_cast<char>(static_cast<unsigned char>(job.size()));
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

void CrashMarker::clear() {
  page_[0] = 0;
}

std::string CrashMarker::read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  char bytes[kBytes] = {};
  file.read(bytes, kBytes);
  return std::string(bytes + 1, static_cast<unsigned char>(bytes[0]));
}

}  // namespace baton::runtime
