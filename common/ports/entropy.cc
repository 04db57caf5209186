#include "common/ports/entropy.h"

namespace baton::ports {

Uuid Entropy::uuid() {
  Uuid uuid;
  for (std::size_t half = 0; half < 2; ++half) {
    std::uint64_t bits = next();
    for (std::size_t i = 0; i < 8; ++i, bits >>= 8)
      uuid.bytes[half * 8 + i] = static_cast<std::uint8_t>(bits);
  }
  uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0F) | 0x40);
  uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3F) | 0x80);
  return uuid;
}

}  // namespace baton::ports
