#include <catch2/catch.hpp>

#include "tests/support/coordination_world.h"

namespace baton::test {
namespace {

struct MemoryProcess final : Process {
  MemoryProcess(memory::MemoryEnsemble& ensemble, const std::string& board_path, const std::string& root,
                const std::string& owner)
      : session(ensemble), jobs(session, {board_path, owner}), who(session, root) {}
  ports::JobBoard& board() override { return jobs; }
  ports::Directory& directory() override { return who; }
  void expire() override { session.expire(); }

  memory::MemorySession session;
  memory::MemoryJobBoard jobs;
  memory::MemoryDirectory who;
};

}  // namespace

void World::fail_without_answer(bool inline_call) {
  if (inline_call) FAIL("the callback was called inside the verb");
  FAIL("no answer before the deadline");
  std::abort();
}

MemoryWorld::MemoryWorld() : World("/taskflow/memory", 1), ensemble_(loop_, loop_, entropy_) {}

Process& MemoryWorld::process(const std::string& owner) {
  processes_.push_back(std::make_unique<MemoryProcess>(ensemble_, board(), root(), owner));
  return *processes_.back();
}

std::optional<std::string> MemoryWorld::data(const std::string& path) {
  const auto* node = ensemble_.find(path);
  return node ? std::optional(node->data) : std::nullopt;
}

}  // namespace baton::test
