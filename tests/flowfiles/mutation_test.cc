#include <catch2/catch.hpp>
#include <random>

#include "flowfile/flow_file.h"
#include "tests/flowfiles/flow_page.h"

using namespace baton;
using namespace baton::test;

namespace {

/// A file with a few bytes changed, left out, doubled or put elsewhere; the same for the same seed.
class Mutation {
 public:
  explicit Mutation(std::uint64_t seed) : random_(seed) {}

  std::string of(std::string text) {
    for (std::size_t times = 1 + pick(3); times > 0; --times) change(text);
    return text;
  }

 private:
  std::size_t pick(std::size_t below) { return below == 0 ? 0 : random_() % below; }

  void change(std::string& text) {
    static constexpr std::string_view kBytes = "\t\n :{}[],-#&*!|>'\"%@`$~?<=0159anyonull\\\xC3\xBC\x80\x01";
    const std::size_t at = pick(text.size()), size = 1 + pick(12);
    switch (pick(4)) {
      case 0:
        return void(text.insert(at, 1, kBytes[pick(kBytes.size())]));
      case 1:
        return void(text.erase(at, size));
      case 2:
        return void(text.insert(pick(text.size()), text.substr(at, size)));
      default:
        if (!text.empty()) text[at] = kBytes[pick(kBytes.size())];
    }
  }

  std::mt19937_64 random_;
};

std::size_t lines_of(const std::string& text) {
  return 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("whatever is in a file, it is a flow, or its mistakes have a place in it") {
  const auto good_files = files_in("good"), broken_files = files_in("broken");
  std::size_t good = 0;
  for (std::uint64_t seed = 0; seed < 4'000; ++seed) {
    const auto& files = seed % 2 == 0 ? good_files : broken_files;
    const std::string& file = files[seed / 2 % files.size()];
    const std::string text = Mutation(seed).of(kept_text(file));
    CAPTURE(seed, file, text);
    const auto compiled =
        flowfile::compile_file(file, {}, [&](const std::string& path) -> Result<std::string, std::string> {
          if (path == file) return text;
          return Fail("cannot read '" + path + "'");
        });
    if (compiled.ok()) {
      ++good;
      continue;
    }
    REQUIRE_FALSE(compiled.error().empty());
    for (const auto& [at, what, hint] : compiled.error()) {
      REQUIRE_FALSE(what.empty());
      REQUIRE(at.source);
      REQUIRE(at.line <= lines_of(at.source->text));
      REQUIRE((at.line == 0) == (at.column == 0));
    }
    REQUIRE_FALSE(shown(compiled.error()).empty());
  }
  CHECK(good > 50);  // or it looks at nothing but how a text begins
}
