#include "examples/cloud/cloud.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

using namespace baton;
using namespace baton::example_cloud;

namespace {

struct CloudTest {
  Cloud cloud{Millis{500}, ""};
  TimePoint now{Micros{1'000'000}};

  Reply call(const char* method, const char* path, const char* body = "null", const char* key = "",
             const char* token = "") {
    Call made{method, path, {}, key, token, boost::json::parse(body)};
    return cloud.handle(made, now);
  }
  Reply create(const char* hostname, const char* key, const char* token) {
    return call("POST", "/servers",
                boost::json::serialize(boost::json::object{{"hostname", hostname}}).c_str(), key, token);
  }
  Reply remove_by_key(const char* key, const char* token) {
    return cloud.handle(Call{"DELETE", "/servers", {{"key", key}}, "", token, nullptr}, now);
  }
  std::string text(const Reply& reply, const char* member) {
    return std::string(reply.body.at(member).as_string());
  }
  std::vector<std::string> outcomes() {
    std::vector<std::string> all;
    const Reply ledger = call("GET", "/ledger");
    for (const auto& entry : ledger.body.as_array()) all.emplace_back(entry.at("outcome").as_string());
    return all;
  }
  std::size_t servers() { return call("GET", "/servers").body.as_array().size(); }
};

}  // namespace

TEST_CASE_METHOD(CloudTest, "a server takes time to become active") {
  const auto made = create("a", "k1", "f/a/1");
  CHECK(made.status == 201);
  CHECK(text(made, "status") == "BUILDING");
  now += Millis{500};
  CHECK(text(call("GET", ("/servers/" + text(made, "id")).c_str()), "status") == "ACTIVE");
}

TEST_CASE_METHOD(CloudTest,
                 "the same call with the same key makes one server, and the ledger shows both calls") {
  const auto first = create("a", "k1", "f/a/1"), again = create("a", "k1", "f/a/2");
  CHECK(again.status == 200);
  CHECK(text(first, "id") == text(again, "id"));
  CHECK(outcomes() == std::vector<std::string>{"created", "repeated"});
  CHECK(servers() == 1);
}

TEST_CASE_METHOD(CloudTest, "H3: a delivery older than one seen is refused, an equal one is not") {
  create("a", "k1", "f/a/5");
  CHECK(create("a", "k1", "f/a/5").status == 200);
  const auto late = create("a", "k2", "f/a/4");
  CHECK(late.status == 409);
  CHECK(text(late, "error") == "stale");
  CHECK(create("b", "k3", "f/b/1").status == 201);  // another atom
  CHECK(servers() == 2);
}

TEST_CASE_METHOD(CloudTest, "H4: deleting nothing leaves a tombstone: the late create after it is refused") {
  CHECK(remove_by_key("k1", "f/a/3").status == 200);
  CHECK(create("a", "k1", "f/a/2").status == 409);
  CHECK(servers() == 0);
  const auto seen = outcomes();
  CHECK(seen.at(0) == "nothing");
  CHECK(seen.at(1) == "stale");
}

TEST_CASE_METHOD(CloudTest, "a create without a token after the delete leaks: why tokens are shown") {
  remove_by_key("k1", "");
  CHECK(create("a", "k1", "").status == 201);
  CHECK(servers() == 1);
}

TEST_CASE("a cloud that knows no tokens makes what comes late") {
  Cloud cloud(Millis{500}, "", Cloud::Tokens::Ignored);
  const TimePoint now{Micros{1'000'000}};
  const auto remove = cloud.handle(Call{"DELETE", "/servers", {{"key", "k1"}}, "", "f/a/3", nullptr}, now);
  CHECK(remove.status == 200);
  const boost::json::object body{{"hostname", "a"}};
  CHECK(cloud.handle(Call{"POST", "/servers", {}, "k1", "f/a/2", body}, now).status == 201);
}

TEST_CASE_METHOD(CloudTest, "a deleted server's key does not make it again") {
  create("a", "k1", "f/a/1");
  CHECK(remove_by_key("k1", "f/a/2").body.at("deleted").as_bool());
  CHECK(create("a", "k1", "f/a/3").status == 410);
}

TEST_CASE_METHOD(CloudTest, "faults: refuse, lose the answer, hang, so many times") {
  const char* faults = R"([{"verb": "create", "hostname": "a", "mode": "fail", "times": 2},
                           {"verb": "create", "hostname": "b", "mode": "lose"},
                           {"verb": "create", "hostname": "c", "mode": "hang", "delay_ms": 50}])";
  CHECK(call("PUT", "/faults", faults).status == 200);
  CHECK(create("a", "k1", "").status == 503);
  CHECK(create("a", "k1", "").status == 503);
  CHECK(create("a", "k1", "").status == 201);
  CHECK(create("b", "k2", "").status == 500);
  CHECK(create("b", "k2", "").status == 200);  // it had been carried out
  CHECK(create("c", "k3", "").after == Millis{50});
  CHECK(outcomes() ==
        std::vector<std::string>{"failed", "failed", "created", "created", "repeated", "created"});
}

TEST_CASE_METHOD(CloudTest, "what makes no sense is refused with what is missing") {
  CHECK(text(call("POST", "/servers", "{}"), "message") == "a server needs a 'hostname'");
  CHECK(text(call("POST", "/clusters", "{}"), "message") == "a cluster needs a 'name'");
  CHECK(text(create("a", "k", "no-token"), "message") == "a fencing token is <flow>/<atom>/<dispatch>");
  CHECK(call("PUT", "/faults", R"([{"verb": "create", "mode": "explode"}])").status == 400);
  CHECK(call("GET", "/elsewhere").status == 404);
}
