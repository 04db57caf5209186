#include <catch2/catch.hpp>

#include "common/model/json_view.h"

namespace baton {

TEST_CASE("parts of a JSON text are found where they stand, byte for byte") {
  const JsonView view(
      std::string_view(R"({ "a" : [1, {"x": "]}"}, "\"," ] ,"b\u0022":-1.50e3, "c":true,"d":null})"));
  REQUIRE(view.kind() == JsonView::Kind::Object);
  const auto members = view.members();
  REQUIRE(members.size() == 4);
  CHECK(members[0].key == "a");
  CHECK(members[0].value.raw() == R"([1, {"x": "]}"}, "\"," ])");
  CHECK(members[1].key == "b\"");
  CHECK(members[1].value.raw() == "-1.50e3");
  CHECK(members[1].value.number() == -1500.0);
  CHECK_FALSE(members[1].value.integer().has_value());
  CHECK(members[2].value.boolean());
  CHECK(members[3].value.kind() == JsonView::Kind::Null);
  const auto items = members[0].value.items();
  REQUIRE(items.size() == 3);
  CHECK(items[0].integer() == 1);
  CHECK(items[2].text() == "\",");
  CHECK(members[0].value.at(std::size_t{1})->at("x")->text() == "]}");
  CHECK_FALSE(members[0].value.at(std::size_t{3}).has_value());
  CHECK_FALSE(view.at("e").has_value());
}

TEST_CASE("empty containers have no parts") {
  CHECK(JsonView(std::string_view("[ ]")).items().empty());
  CHECK(JsonView(std::string_view("{ }")).members().empty());
}

}  // namespace baton
