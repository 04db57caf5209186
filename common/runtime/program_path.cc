#include "common/runtime/program_path.h"

#include <unistd.h>

#include <array>

namespace baton::runtime {

std::string beside_program(const std::string& name) {
  std::array<char, 4096> path;
  const auto length = ::readlink("/proc/self/exe", path.data(), path.size());
  const std::string program(path.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
  return program.substr(0, program.rfind('/') + 1) + name;
}

}  // namespace baton::runtime
