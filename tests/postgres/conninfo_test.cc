#include "common/postgres/conninfo.h"

#include <catch2/catch.hpp>

#include "common/postgres/flow_store.h"

using namespace baton::postgres;

TEST_CASE("a connection string is taken apart, as words or as a URI", "[postgres][conninfo]") {
  const auto words = parse_conninfo("host=db.example port=5433 dbname=baton user=u password=secret");
  REQUIRE(words.ok());
  CHECK(place_of(words.value()) == "db.example:5433/baton");
  const auto uri = parse_conninfo("postgresql://u:secret@db.example:5433/baton");
  REQUIRE(uri.ok());
  CHECK(place_of(uri.value()) == "db.example:5433/baton");
}

TEST_CASE("what cannot be read is refused before anything connects", "[postgres][conninfo]") {
  CHECK_THAT(PostgresFlowStore::problem_of({"host=x nonsense"}), Catch::Contains("cannot be read"));
  // libpq's own message quotes the text.
  const std::string unquoted = PostgresFlowStore::problem_of({"password=my secretword"});
  CHECK_THAT(unquoted, Catch::Contains("cannot be read") && !Catch::Contains("secretword"));
  CHECK_THAT(PostgresFlowStore::problem_of({"host=x", "Robert'); drop"}),
             Catch::Contains("cannot be a schema's name"));
  CHECK(PostgresFlowStore::problem_of({"host=x", "baton"}).empty());
}

TEST_CASE("several hosts take turns at being the first", "[postgres][conninfo]") {
  const Conninfo info{{"host", "a,b,c"}, {"port", "1,2,3"}, {"dbname", "x"}};
  CHECK(rotated(info, 0) == info);
  CHECK(rotated(info, 1).at("host") == "b,c,a");
  CHECK(rotated(info, 1).at("port") == "2,3,1");
  CHECK(rotated(info, 3) == info);
  const Conninfo one_port{{"host", "a,b"}, {"port", "5432"}};
  CHECK(rotated(one_port, 1).at("host") == "b,a");
  CHECK(rotated(one_port, 1).at("port") == "5432");
}

TEST_CASE("a dead server is noticed, a standby refused, unless the string says otherwise",
          "[postgres][conninfo]") {
  const auto watchful = with_watchfulness({{"host", "a"}});
  CHECK(watchful.at("target_session_attrs") == "read-write");
  CHECK(watchful.at("tcp_user_timeout") == "5000");
  CHECK(with_watchfulness({{"tcp_user_timeout", "900"}}).at("tcp_user_timeout") == "900");
}
