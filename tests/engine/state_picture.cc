#include "tests/engine/state_picture.h"

#include "engine/moves.h"

namespace baton::tests {
namespace {

using engine::Mover;

std::string who(Mover mover) {
  switch (mover) {
    case Mover::Any:
      return "";
    case Mover::TaskOnly:
      return " (tasks)";
    case Mover::RetryOnly:
      return " (retries)";
  }
  return "";
}

std::string arrow(std::string_view from, std::string_view to, const std::string& why) {
  return "    " + std::string(from) + " --> " + std::string(to) + ": " + why + "\n";
}

std::string picture_of_atoms() {
  std::string text = "```mermaid\nstateDiagram-v2\n    [*] --> PENDING\n";
  for (const auto& move : engine::kAtomMoves)
    text += arrow(to_string(move.from), to_string(move.to), std::string(move.why) + who(move.mover));
  return text + "```\n";
}

std::string picture_of_flows() {
  std::string text = "```mermaid\nstateDiagram-v2\n    [*] --> PENDING\n";
  for (const auto& move : engine::kFlowMoves)
    text += arrow(to_string(move.from), to_string(move.to), std::string(move.why));
  return text + "```\n";
}

}  // namespace

std::string state_picture() {
  return "# States\n\n"
         "Drawn from the tables of `engine/moves.h`; `make states` draws it again, and a test compares. The "
         "engine\n"
         "makes no other move, and each of these is made by some test.\n\n"
         "An atom: its *state* says what happened, its *intention* (EXECUTE, REVERT, RETRY, IGNORE) what is "
         "planned.\n\n" +
         picture_of_atoms() +
         "\nA flow; SUCCESS, FAILURE, REVERTED and CANCELLED are final until it is run again.\n\n" +
         picture_of_flows();
}

}  // namespace baton::tests
