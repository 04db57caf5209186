#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <string>

#include "common/ports/job_board.h"
#include "tests/support/asio_pump.h"
#include "tests/support/coordination_world.h"

namespace baton::test {

/// Processes on one board in the ZooKeeper of the services; `world` is another client of it.
struct BoardsStory {
  bool until(const std::function<bool()>& holds) { return pump_loop(io, holds, Millis{40'000}); }
  template <class T>
  Result<T, ports::BoardError> await(const std::function<void(ports::JobBoard::Done<T>)>& verb) {
    const auto answer = std::make_shared<std::optional<Result<T, ports::BoardError>>>();
    verb([answer](Result<T, ports::BoardError> result) { *answer = std::move(result); });
    REQUIRE(until([&] { return answer->has_value(); }));
    return **answer;
  }
  Posting posting() {
    return Posting::make(world.uuid(), "name", Priority::Normal,
                         *Value::parse(R"({"factory": {"name": "f"}})"))
        .value();
  }
  std::string folder(std::size_t n) { return world.parent() + "." + std::to_string(n) + "/jobs"; }

  ZooKeeperWorld world;
  runtime::AsioLoop io;
};

}  // namespace baton::test
