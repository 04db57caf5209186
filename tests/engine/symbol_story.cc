#include "tests/engine/engine_story.h"

namespace baton::tests {

TEST_CASE_METHOD(EngineStory, "arguments are the bytes that were provided") {
  given_flow(R"({"name": "f", "pattern": "linear", "nodes": [
      {"task": "step", "name": "a", "provides": "x"},
      {"task": "step", "name": "b", "requires": ["x", "y"], "rebind": {"z": "x"}, "inject": {"y": 1.50}}]})",
             {{"s", json("1")}});
  succeed("a", R"({"n": 1.0, "big": 123456789012345678901234567890})");
  CHECK(
      request("b").arguments.json() ==
      R"({"x": {"n": 1.0, "big": 123456789012345678901234567890}, "y": 1.50, "z": {"n": 1.0, "big": 123456789012345678901234567890}})");
}

TEST_CASE_METHOD(EngineStory, "items of a result are taken by index and by key") {
  given_flow(R"({"name": "f", "pattern": "linear", "nodes": [
      {"task": "step", "name": "list", "provides": ["one", "two"]},
      {"task": "step", "name": "dict", "provides": {"keys": ["k\"ey"]}},
      {"task": "step", "name": "text", "provides": ["h", "e"]},
      {"task": "step", "name": "use", "requires": ["one", "two", "k\"ey", "e"]}]})");
  succeed("list", R"([ {"a": [1, 2]} , "two, ]" ])");
  succeed("dict", R"({"other": [3], "k\u0022ey": true})");
  succeed("text", R"("hé")");  // Python's "hé"[1]
  CHECK(request("use").arguments.json() ==
        R"({"one": {"a": [1, 2]}, "two": "two, ]", "k\"ey": true, "e": "é"})");
}

TEST_CASE_METHOD(EngineStory, "inject beats the store, which beats every provider") {
  given_flow(R"({"name": "f", "pattern": "linear", "nodes": [
      {"task": "step", "name": "a", "provides": ["x", "y", "z"]},
      {"task": "step", "name": "b", "requires": ["x", "y", "z"], "inject": {"x": "inject"}}]})",
             {{"x", json("\"store\"")}, {"y", json("\"store\"")}});
  succeed("a", R"(["a", "a", "a"])");
  CHECK(request("b").arguments.json() == R"({"x": "inject", "y": "store", "z": "a"})");
}

TEST_CASE_METHOD(EngineStory, "a revert has arguments of its own if it names them") {
  given_flow(R"({"name": "f", "pattern": "linear", "nodes": [
      {"task": "step", "name": "a", "requires": ["s"], "revert_requires": ["t"], "rebind": {"r": "s"}}]})",
             {{"s", json("1")}, {"t", json("2")}});
  CHECK(request("a").arguments.json() == R"({"s": 1, "r": 1})");
  fail("a");
  CHECK(request("a").arguments.json() == R"({"t": 2, "r": 1})");
}

TEST_CASE_METHOD(EngineStory, "an argument that is named twice is given once") {
  given_flow(R"({"name": "f", "pattern": "linear", "nodes": [
      {"task": "step", "name": "a", "requires": ["s", "s"], "revert_requires": ["t", "s", "t"]}]})",
             {{"s", json("1")}, {"t", json("2")}});
  CHECK(request("a").arguments.json() == R"({"s": 1})");
  fail("a");
  CHECK(request("a").arguments.json() == R"({"t": 2, "s": 1})");
}

/// A flow of so many tasks, and all have failed with this message.
struct ManyFailures : EngineStory {
  void fail_all(std::size_t count, const std::string& message) {
    std::string tasks;
    for (std::size_t i = 0; i < count; ++i)
      tasks += (i > 0 ? ", " : "") + (R"({"task": "step", "name": "t)" + std::to_string(i)) + R"("})";
    given_flow(R"({"name": "f", "pattern": "unordered", "nodes": [)" + tasks + "]}");
    std::vector<engine::Event> failures;
    for (std::size_t i = 0; i < count; ++i) {
      auto failed = answer("t" + std::to_string(i));
      failed.outcome = Failure::make("Boom", message);
      failures.emplace_back(failed);
    }
    step(std::move(failures));
  }
};

TEST_CASE_METHOD(ManyFailures, "failures given to a revert are cut in all, by their bytes") {
  fail_all(10, std::string(60000, 'x'));
  CHECK(request("t0").flow_failures.size() == 4);
}

TEST_CASE_METHOD(ManyFailures, "failures given to a revert are cut in all, by their number") {
  fail_all(kRevertFailuresMax + 5, "full");
  const auto told = request("t68").flow_failures;
  REQUIRE(told.size() == kRevertFailuresMax);
  CHECK(told.front().first == "t0");
  CHECK(told.back().first == "t63");
  CHECK(request("t68").failure->message == "full");
}

}  // namespace baton::tests
