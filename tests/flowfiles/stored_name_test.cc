#include "flowfile/stored_name.h"

#include <catch2/catch.hpp>

using baton::flowfile::is_stored_name;
using baton::flowfile::stored_name_from;

TEST_CASE("a stored flow file's name is never a path's") {
  for (const char* name : {"a", "create-cluster", "v1.2_x", "7", "a.yaml.old"}) CHECK(is_stored_name(name));
  for (const char* name : {"", "-a", ".a", "a b", "a/b", "a@1", "a.yaml", "a.yml", "a.json", "ä", "a\n"})
    CHECK_FALSE(is_stored_name(name));
  CHECK(is_stored_name(std::string(255, 'a')));
  CHECK_FALSE(is_stored_name(std::string(256, 'a')));
}

TEST_CASE("a name may be followed by a version from 1 on") {
  CHECK(stored_name_from("deploy")->version == 0);
  CHECK(stored_name_from("deploy@12")->name == "deploy");
  CHECK(stored_name_from("deploy@12")->version == 12);
  for (const char* text :
       {"deploy@", "deploy@0", "deploy@-1", "deploy@1x", "deploy@x", "@1", "a@1@2", "deploy@4294967296"})
    CHECK_FALSE(stored_name_from(text));
}
