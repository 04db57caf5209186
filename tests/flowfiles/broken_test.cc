#include <catch2/catch.hpp>

#include "flowfile/disk.h"
#include "tests/flowfiles/flow_page.h"

using namespace baton;
using namespace baton::test;

namespace {

/// Files are named as somebody in tests/flowfiles would name them.
flowfile::ReadText from_the_page() {
  return [read = flowfile::from_disk()](const std::string& path) {
    auto text = read(std::string(BATON_FLOW_FILES) + "/" + path);
    if (text.ok()) return text;
    auto error = text.error();
    const std::string folder = std::string(BATON_FLOW_FILES) + "/";
    error.erase(error.find(folder), folder.size());
    return Result<std::string, std::string>(Fail(error));
  };
}

const std::vector<std::string> kTypes{"command", "cluster.configure", "echo", "server.create", "server.wait"};

std::string told(const std::string& file) {
  const auto compiled = flowfile::compile_file(file, {}, from_the_page());
  return shown(compiled.ok() ? flowfile::unknown_types(*compiled, kTypes) : compiled.error()) + "\n";
}

}  // namespace

TEST_CASE("each broken file is told with the message that is kept beside it") {
  const auto files = files_in("broken");
  REQUIRE(files.size() >= 150);
  for (const auto& file : files) {
    CAPTURE(file);
    const std::string text = told(file);
    CHECK(text != "\n");
    if (!is_kept(file + ".txt", text)) CHECK(text == kept_text(file + ".txt"));
  }
}

TEST_CASE("a flow with a mistake is told in the same way when only its form is checked") {
  for (const auto& file : files_in("broken")) {
    CAPTURE(file);
    const auto checked = flowfile::check_file(file, from_the_page());
    const bool needs_more =
        file == "broken/parameter-not-given.yaml" || file == "broken/task-type-unknown.yaml";
    if (needs_more) {
      CHECK(checked.ok());
    } else {
      REQUIRE_FALSE(checked.ok());
      CHECK(shown(checked.error()) + "\n" == kept_text(file + ".txt"));
    }
  }
}
