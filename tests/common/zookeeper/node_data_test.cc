#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "common/ports/job_content.h"
#include "common/zookeeper/advert_json.h"
#include "common/zookeeper/lock_data.h"
#include "common/zookeeper/odd_nodes.h"
#include "common/zookeeper/session_file.h"
#include "common/zookeeper/trash_data.h"

using namespace baton;
using namespace baton::zookeeper;

TEST_CASE("a trashed posting keeps its bytes and gets the reason as its last member") {
  CHECK(with_trash_reason(R"({"x": 1.0, "y": 1e2})", "why") ==
        R"({"x": 1.0, "y": 1e2, "trash_reason": "why"})");
  CHECK(with_trash_reason("{ }", "why") == R"({ "trash_reason": "why"})");
  CHECK(with_trash_reason(R"({"trash_reason": "older"})", "why") == R"({"trash_reason": "older"})");
  for (const char* bytes : {"", "no json", "[1]", "\xff"}) CHECK(with_trash_reason(bytes, "why") == bytes);
  CHECK(with_trash_reason("{\"x\": 1}", std::string(100'000, 'x')).size() < 5'000);
}

TEST_CASE("a lock's bytes are what TaskFlow reads, with ours behind") {
  const Incarnation incarnation(*Uuid::parse("11111111-2222-4333-8444-555555555555"));
  CHECK(lock_data("me \"x\"", 0x1000064987900cf, incarnation) ==
        R"({"owner": "me \"x\"", "session": "0x1000064987900cf", )"
        R"("incarnation": "11111111-2222-4333-8444-555555555555"})");
  CHECK(owner_in(R"({"owner": "w@1"})") == "w@1");
  for (const char* bytes : {"", "x", "[]", "{}", R"({"owner": null})", R"({"owner": ""})"})
    CHECK(owner_in(bytes) == "(unreadable lock)");
  CHECK(owner_in(R"({"owner": "\u001b[2Jme"})") == "?[2Jme");
  CHECK(owner_in("{\"owner\": \"" + std::string(10'000, 'x') + "\"}") ==
        std::string(kNameBytesMax, 'x') + "…");
}

TEST_CASE("a death note that names tasks which are none names nobody's") {
  CHECK(ports::death_note_from_json(R"({"tasks": ["f/a"]})").tasks->names == std::set<std::string>{"f/a"});
  CHECK(ports::death_note_from_json(R"({"tasks": []})").tasks->names.empty());
  for (const char* tasks : {"[1]", R"(["f/a", null])", R"([""])", "{}"})
    CHECK_FALSE(ports::death_note_from_json("{\"tasks\": " + std::string(tasks) + "}").tasks);
}

TEST_CASE("a session file that gives no possible timeout is refused") {
  const auto path =
      (std::filesystem::temp_directory_path() / ("baton-session-" + std::to_string(::getpid()))).string();
  const auto read_with = [&](const std::string& timeout) {
    std::ofstream(path) << R"({"hosts": "h", "session": "0x1", "password": ")" << std::string(32, '0')
                        << R"(", "timeout_ms": )" << timeout << "}";
    return read_session_file(path).ok();
  };
  CHECK(read_with("4000"));
  for (const char* wrong : {"0", "-1", "2147483648", "1.5"}) CHECK_FALSE(read_with(wrong));
  std::filesystem::remove(path);
}

TEST_CASE("blanks, and ways to write a fraction, do not make another job of a posting") {
  const auto content = [](const std::string& details) {
    const auto posting =
        Posting::parse(R"({"uuid": "u", "name": "n", "book": {"b": 1}, "details": )" + details + "}");
    REQUIRE(posting.ok());
    return ports::content_of(*posting);
  };
  CHECK(content(R"({"a": [1, 2.50]})") == content(R"({ "a":[1,25e-1] })"));
  CHECK(content(R"({"a": 1})") != content(R"({"a": 2})"));
  CHECK(content(R"({"a": 1})") != content(R"({"a": 1.0})"));
  CHECK(content(R"({"a": 12345678901234567890123})") == content(R"({"a": 12345678901234567890124})"));
}

TEST_CASE("TaskFlow's record of a conductor") {
  const ports::Member member{"cond", Incarnation{}, "localhost", 24164, "1", ""};
  CHECK(entity_name(member) == "cond@localhost:24164");
  CHECK(entity_json(member) == R"({"kind": "conductor", "name": "cond@localhost:24164", )"
                               R"("metadata": {"hostname": "localhost", "pid": 24164}})");
}

TEST_CASE("an advert that lacks something is none, one that has more is read") {
  ports::Advert advert;
  advert.name = "w";
  advert.slots = 3;
  advert.labels = {{"a", "b"}};
  advert.inbox.emplace();
  const auto text = to_json(advert);
  CHECK(advert_from_json(text) == advert);
  CHECK(advert_from_json(text.substr(0, text.size() - 1) + ", \"later\": {}}") == advert);
  for (const char* member : {"name", "incarnation", "slots", "labels", "inbox", "state", "pid"}) {
    auto broken = text;
    broken.replace(broken.find("\"" + std::string(member)) + 1, 1, "?");
    CHECK_FALSE(advert_from_json(broken));
  }
  for (const char* wrong : {"\"partition\":-1", "\"partition\":4294967296"}) {
    auto nowhere = text;
    nowhere.replace(nowhere.find("\"partition\":0"), 13, wrong);
    CHECK_FALSE(advert_from_json(nowhere));
  }
  auto negative = text;
  negative.replace(negative.find("\"slots\":3"), 9, "\"slots\":-1");
  CHECK_FALSE(advert_from_json(negative));
}

TEST_CASE("a node that cannot be read is news once, until it changes or is gone") {
  OddNodes odd;
  FolderMirror::Picture picture;
  Node& node = picture["a"];
  node.stat.czxid = 7;
  CHECK(odd.is_news("a", node));
  CHECK_FALSE(odd.is_news("a", node));
  CHECK(odd.is_news("b", node));
  node.stat.version = 1;
  CHECK(odd.is_news("a", node));
  odd.keep_those_of(picture);
  CHECK_FALSE(odd.is_news("a", node));
  CHECK(odd.is_news("b", node));
  odd.keep_those_of({});
  CHECK(odd.is_news("a", node));
}
