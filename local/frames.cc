#include "local/frames.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <utility>

namespace baton::local {
namespace {

bool write_all(int socket, const char* data, std::size_t size) {
  while (size > 0) {
    const auto written = ::send(socket, data, size, MSG_NOSIGNAL);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    data += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

bool read_all(int socket, char* data, std::size_t size) {
  while (size > 0) {
    const auto count = ::recv(socket, data, size, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    data += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

}  // namespace

std::string said(wire::Body body) {
  wire::Message message;
  message.to.value.bytes.fill(1);
  message.body = std::move(body);
  return wire::encode(message);
}

bool write_frame(int socket, std::string_view bytes) {
  std::array<char, 4> length;
  for (std::size_t i = 0; i < length.size(); ++i)
    length[i] = static_cast<char>(static_cast<std::uint32_t>(bytes.size()) >> (8 * i));
  return write_all(socket, length.data(), length.size()) && write_all(socket, bytes.data(), bytes.size());
}

bool read_frame(int socket, std::string& bytes) {
  std::array<char, 4> length;
  if (!read_all(socket, length.data(), length.size())) return false;
  std::size_t size = 0;
  for (std::size_t i = 0; i < length.size(); ++i)
    size |= std::size_t{static_cast<unsigned char>(length[i])} << (8 * i);
  if (size > kFrameBytesMax) return false;
  bytes.resize(size);
  return read_all(socket, bytes.data(), size);
}

}  // namespace baton::local
