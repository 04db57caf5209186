#pragma once

#include <catch2/catch.hpp>

#include "tests/support/coordination_world.h"

/// What the board's contract is told with: each call is awaited.
namespace baton::test {

using namespace baton::ports;
using namespace std::chrono_literals;

using Path = Result<std::string, BoardError>;
using Claimed = Result<BoardClaim, BoardError>;
using Ended = Result<void, BoardError>;
using Jobs = Result<std::vector<BoardJob>, BoardError>;
using Identity = Result<BoardIdentity, BoardError>;
using Height = Result<std::int64_t, BoardError>;

inline Posting posting(World& world, const std::string& name, Priority priority = Priority::Normal) {
  auto made = Posting::make(world.uuid(), name, priority, *Value::parse(R"({"factory": {"name": "f"}})"));
  REQUIRE(made.ok());
  return *made;
}

inline std::string post(World& world, Process& process, const Posting& what) {
  const auto path = world.await<Path>([&](auto done) { process.board().post(what, done); });
  REQUIRE(path.ok());
  return *path;
}

inline Claimed claim(World& world, Process& process, const std::string& path) {
  return world.await<Claimed>([&](auto done) { process.board().claim(path, done); });
}

inline BoardClaim claimed(World& world, Process& process, const std::string& path) {
  const auto result = claim(world, process, path);
  INFO((result.ok() ? "" : result.error().message));
  REQUIRE(result.ok());
  return *result;
}

inline Ended abandon(World& world, Process& process, const BoardClaim& what) {
  return world.await<Ended>([&](auto done) { process.board().abandon(what, done); });
}

inline Ended consume(World& world, Process& process, const BoardClaim& what) {
  return world.await<Ended>([&](auto done) { process.board().consume(what, done); });
}

inline Jobs list(World& world, Process& process) {
  return world.await<Jobs>([&](auto done) { process.board().list(done); });
}

inline std::string owner(World& world, Process& process, const std::string& path) {
  const auto name = world.await<Path>([&](auto done) { process.board().owner(path, done); });
  REQUIRE(name.ok());
  return *name;
}

inline BoardIdentity identity(World& world, Process& process) {
  const auto read = world.await<Identity>([&](auto done) { process.board().identity(done); });
  INFO((read.ok() ? "" : read.error().message));
  REQUIRE(read.ok());
  return *read;
}

inline Ended identify(World& world, Process& process, const BoardIdentity& what) {
  return world.await<Ended>([&](auto done) { process.board().identify(what, done); });
}

inline std::int64_t height(World& world, Process& process) {
  const auto now = world.await<Height>([&](auto done) { process.board().height(done); });
  INFO((now.ok() ? "" : now.error().message));
  REQUIRE(now.ok());
  return *now;
}

inline void open(World& world, Process& process) {
  process.board().open(process.board_log);
  REQUIRE(world.pump([&] { return process.board_log.listed > 0; }, 20s));
}

template <class T>
bool has(const std::vector<T>& all, const T& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace baton::test
