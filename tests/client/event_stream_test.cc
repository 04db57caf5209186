#include <catch2/catch.hpp>

#include "client/event_stream_reader.h"

using namespace baton::client;

namespace {

std::vector<std::string> read_all(const std::vector<std::string>& parts) {
  EventStreamReader reader;
  std::vector<std::string> seen;
  for (const auto& part : parts)
    reader.feed(part, [&seen](const ServerEvent& event) {
      seen.push_back(event.id + "|" + event.type + "|" + event.data);
      return true;
    });
  return seen;
}

}  // namespace

TEST_CASE("events are cut out of the stream however the bytes arrive") {
  const std::string stream = ": hello\n\nid: 7\nevent: atom\ndata: {\"a\": 1}\n\nid: 8\ndata: x\ndata: y\n\n";
  const std::vector<std::string> expected{"7|atom|{\"a\": 1}", "8||x\ny"};
  CHECK(read_all({stream}) == expected);
  std::vector<std::string> bytes;
  for (const char c : stream) bytes.emplace_back(1, c);
  CHECK(read_all(bytes) == expected);
}

TEST_CASE("an event without an id keeps the one before, carriage returns are no part of a line") {
  CHECK(read_all({"id: 3\r\ndata: a\r\n\r\ndata: b\r\n\r\n"}) == std::vector<std::string>{"3||a", "3||b"});
}

TEST_CASE("an event that is not whole is not told, and the reader can be stopped") {
  CHECK(read_all({"data: half\n"}).empty());
  EventStreamReader reader;
  CHECK_FALSE(reader.feed("data: a\n\ndata: b\n\n", [](const ServerEvent&) { return false; }));
}
