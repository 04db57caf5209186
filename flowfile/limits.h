#pragma once

#include <cstddef>
#include <cstdint>

#include "common/model/limits.h"

/// Bounds of flow files. At each the file is refused, with the place and the bound.
namespace baton::flowfile {

inline constexpr std::size_t kFileBytesMax = 4 * kMiB;     // of one file
inline constexpr std::size_t kDepthMax = kValueDepthMax;   // lists and mappings inside each other
inline constexpr std::size_t kNodesMax = 1'000'000;        // values of one file, aliases and anchors copied
inline constexpr std::size_t kCopiedBytesMax = 16 * kMiB;  // of text, by a file's aliases and anchors
inline constexpr std::size_t kIncludeDepthMax = 16;        // files inside files
inline constexpr std::size_t kFilesMax = 1'000;            // different files of one flow
inline constexpr std::size_t kFlowValuesMax = 2'000'000;   // of a flow's files together; and written out
inline constexpr std::size_t kFlowBytesMax = 64 * kMiB;    // of text, in the same
inline constexpr std::size_t kExpandedNodesMax = 200'000;  // tasks and flows after for_each and include
inline constexpr std::size_t kWidthMax = 10'000;           // of a for_each
inline constexpr std::size_t kTextBytesMax = kMiB;         // of one text with its parameters put in
inline constexpr std::int64_t kMillisMax =
    std::int64_t{10} * 366 * 24 * 3600 * 1000;    // ten years, as the engine
inline constexpr std::size_t kProblemsMax = 100;  // told of one flow; then how many more
static_assert(kExpandedNodesMax <= kAtomsPerFlowMax);

/// What may be made of a flow's files.
struct Bounds {
  std::size_t values = kFlowValuesMax;    // of all files together, and written out
  std::size_t bytes = kFlowBytesMax;      // of text, in the same
  std::size_t nodes = kExpandedNodesMax;  // tasks and flows when it is written out
};
/// By whom others wait for, too: more than that cannot be posted anyway (kPostingBytesMax).
inline constexpr Bounds kServedBounds{256 * kKiB, 2 * kMiB, 20'000};

}  // namespace baton::flowfile
