#pragma once

#include <string>
#include <string_view>

#include "common/model/limits.h"
#include "common/wire/messages.h"

/// What goes between a program and its task slots: a length of four bytes (little end first), then so many.
namespace baton::local {

inline constexpr std::size_t kFrameBytesMax = kMessageBytesMax;

/// What is said to the other end. Nobody else hears it, but the wire takes no message that is to nobody.
std::string said(wire::Body);

/// Blocks until all is written; false: the other side is gone.
bool write_frame(int socket, std::string_view bytes);
/// Blocks until a whole one is there; false: the other side is gone, or said something else than a frame.
bool read_frame(int socket, std::string& bytes);

}  // namespace baton::local
