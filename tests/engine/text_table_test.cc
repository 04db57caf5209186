#include "engine/text_table.h"

#include <catch2/catch.hpp>
#include <string>

namespace baton::tests {

TEST_CASE("a table of texts finds what was added first, and nothing else") {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < 1000; ++i) texts.push_back("t" + std::to_string(i % 700));
  const auto text_of = [&](std::uint32_t number) { return std::string_view(texts[number]); };
  engine::TextTable table(texts.size());
  for (std::uint32_t i = 0; i < texts.size(); ++i) CHECK(table.find_or_add(texts[i], i, text_of) == i % 700);
  for (std::uint32_t i = 0; i < 700; ++i) CHECK(table.find("t" + std::to_string(i), text_of) == i);
  CHECK(table.find("t700", text_of) == engine::TextTable::kNone);
  CHECK(table.find("", text_of) == engine::TextTable::kNone);
  CHECK(engine::TextTable().find("t1", text_of) == engine::TextTable::kNone);
}

}  // namespace baton::tests
