#pragma once

#include <cstddef>
#include <cstdint>

/// Bounds that several parts rely on, in one place. Each says what happens at the bound. Bounds that only one
/// part knows are settings of that part (runtime/settings).
namespace baton {

inline constexpr std::size_t kKiB = 1024;
inline constexpr std::size_t kMiB = 1024 * kKiB;

inline constexpr std::size_t kValueDepthMax = 256;        // deeper JSON is refused: failure type BadResult
inline constexpr std::size_t kResultBytesMax = 1 * kMiB;  // a larger result becomes a failure: BadResult
inline constexpr std::size_t kArgumentsBytesMax =
    4 * kMiB;  // larger arguments fail the atom: ArgumentsTooLarge
inline constexpr std::size_t kFailureTextBytesMax = 64 * kKiB;  // messages and details are cut there
inline constexpr std::size_t kRevertFailuresMax = 64;  // failures that a revert is told of, the first by atom
inline constexpr std::size_t kRevertFailuresBytesMax =
    256 * kKiB;  // failures given to a revert are cut to this in all
inline constexpr std::size_t kAtomsPerFlowMax = 1'000'000;  // the compiler refuses larger flows
inline constexpr std::size_t kNestingMax = 80;  // flows inside flows; deeper is refused by the compiler
/// A flow of every depth that is allowed can be posted: in the posting's details, three levels of JSON a flow
/// (itself, its nodes, the node), and in the innermost task its inject with a value in it.
inline constexpr std::size_t kPostingJsonLevels = 2, kFlowJsonLevels = 3, kTaskJsonLevels = 14;
static_assert(kPostingJsonLevels + kNestingMax * kFlowJsonLevels + kTaskJsonLevels <= kValueDepthMax);
inline constexpr std::size_t kRetryFailuresMax =
    64;  // failures of one attempt that a retry's history names; it is asked about more, without a note
inline constexpr std::size_t kRetryAttemptsMax =
    10'000;  // attempts of a retry that is bound by time or by a module only; at it, it is exhausted
inline constexpr std::size_t kPostingBytesMax =
    512 * kKiB;  // larger postings are refused before ZooKeeper sees them
inline constexpr std::size_t kFlowFileBytesMax =
    512 * kKiB;  // of a stored flow file with all that it includes, as JSON; a larger one is refused
inline constexpr std::uint32_t kFlowFileVersionsMax = 10'000;  // of one name; further ones are refused
inline constexpr std::uint32_t kFlowFileNamesMax = 10'000;     // that are stored; further ones are refused
inline constexpr std::size_t kNameBytesMax = 255;  // names of atoms, flows, jobs, task types, symbols

/// Kafka's limits (producer, topic, broker), checked at start: result, arguments and failures of one message
/// and more.
inline constexpr std::size_t kMessageBytesMax = 12 * kMiB;

}  // namespace baton
