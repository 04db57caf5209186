#include "common/zookeeper/board_path.h"

#include <catch2/catch.hpp>

using baton::zookeeper::BoardPath;

TEST_CASE("what lies beside a board is TaskFlow's rule, which replaces every occurrence") {
  const auto beside = [](const char* path) { return BoardPath::parse(path)->trash(); };
  CHECK(beside("/taskflow/jobs") == "/taskflow/.trash");
  CHECK(beside("/taskflow/a/jobs") == "/taskflow/a/.trash");
  CHECK(beside("/jobs/jobs") == "/.trash/.trash");
  CHECK(beside("/taskflow/task") == "/.trashflow/.trash");
  CHECK(beside("/jobs") == "/.trash");
  CHECK(BoardPath::parse("/taskflow/jobs")->entities() == "/taskflow/.entities");
  CHECK(BoardPath::parse("/taskflow/jobs")->id_node() == "/taskflow/.baton/board-id");
  CHECK(BoardPath::parse("/jobs")->id_node() == "/.baton/board-id");
}

TEST_CASE("a board path that ZooKeeper would not take is refused, with the reason") {
  for (const char* path : {"", "/", "jobs", "/taskflow/", "/taskflow//jobs", "/a/./b", "/a/.."}) {
    INFO(path);
    const auto parsed = BoardPath::parse(path);
    REQUIRE_FALSE(parsed.ok());
    CHECK(parsed.error().find("board path '" + std::string(path) + "'") == 0);
    CHECK(parsed.error().find("/taskflow/<board>/jobs") != std::string::npos);
  }
}

TEST_CASE("jobs and locks are told by their names") {
  CHECK(BoardPath::is_job("job0000000001"));
  CHECK_FALSE(BoardPath::is_job("job0000000001.lock"));
  CHECK(BoardPath::is_lock("job0000000001.lock"));
  CHECK_FALSE(BoardPath::is_lock("meta.lock"));
  CHECK_FALSE(BoardPath::is_job("meta"));
  CHECK(BoardPath::lock_of("/b/job1") == "/b/job1.lock");
  CHECK(BoardPath::name_of("/b/job1") == "job1");
}
