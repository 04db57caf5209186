#include "common/postgres/conninfo.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

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
  CHECK(watchful.at("options").starts_with("-c idle_in_transaction_session_timeout=5000 "));
  CHECK(with_watchfulness({{"options", "-c jit=off"}})
            .at("options")
            .ends_with(" -c jit=off"));  // the last one counts
}

TEST_CASE("addresses stand beside the names, an entry each, and the others stay as they are",
          "[postgres][conninfo]") {
  const Conninfo info{{"host", "a,/run/postgresql,10.0.0.1,b,a"}, {"port", "1,2,3,4,5"}};
  CHECK(names_of(info) == std::vector<std::string>{"a", "b"});
  const auto found = with_addresses(info, {{"a", {"::1", "127.0.0.1"}}});
  REQUIRE(found);
  CHECK(found->at("host") == "a,a,/run/postgresql,10.0.0.1,a,a");
  CHECK(found->at("hostaddr") == "::1,127.0.0.1,,,::1,127.0.0.1");
  CHECK(found->at("port") == "1,1,2,3,5,5");
  CHECK_FALSE(with_addresses({{"host", "a"}}, {}));
  CHECK(names_of({{"host", "a,b"}, {"hostaddr", "10.0.0.1,"}}) == std::vector<std::string>{"b"});
  for (const Conninfo& others : {Conninfo{{"dbname", "x"}}, Conninfo{{"host", "a"}, {"hostaddr", "::1"}},
                                 Conninfo{{"host", "::1"}}, Conninfo{{"host", "a,b"}, {"port", "1,2,3"}}}) {
    CHECK(names_of(others).empty());
    CHECK(with_addresses(others, {}) == others);
  }
}

TEST_CASE("the host may stand in the environment or in a service file", "[postgres][conninfo]") {
  const auto file = std::filesystem::temp_directory_path() / "baton-conninfo-test.services";
  std::ofstream(file) << "[orders]\nhost=db-of-the-service\nport=5433\ngssencmode=disable\n";
  ::setenv("PGSERVICEFILE", file.c_str(), 1);
  ::setenv("PGHOST", "db-of-the-environment", 1);
  CHECK(names_of(parse_conninfo("dbname=x").value()) == std::vector<std::string>{"db-of-the-environment"});
  const auto service = parse_conninfo("service=orders dbname=x").value();
  CHECK(names_of(service) == std::vector<std::string>{"db-of-the-service"});
  CHECK(place_of(service) == "db-of-the-service:5433/x");
  CHECK_FALSE(service.contains("gssencmode"));  // libpq reads it with the rest of the service
  CHECK(service.at("service") == "orders");
  ::unsetenv("PGHOST");
  ::unsetenv("PGSERVICEFILE");
  std::filesystem::remove(file);
}
