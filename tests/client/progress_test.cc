#include "client/command/progress.h"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

using namespace baton::client;

namespace {

struct Followed : Progress {
  void row(const char* atom, const char* state) {
    boost::json::object told{{"state", state}};
    if (*atom) told["atom"] = atom;
    take(told);
  }
};

}  // namespace

TEST_CASE_METHOD(Followed, "a bar stands below a job once it is known how many atoms it has") {
  row("", "RUNNING");
  CHECK(bar().empty());
  set_total(3);
  CHECK(bar() == "[------------------------------] 0/3");
  row("a", "RUNNING");
  row("a", "SUCCESS");
  CHECK(bar() == "[##########--------------------] 1/3");
  row("b", "IGNORE");
  row("c", "SUCCESS");
  CHECK(bar() == "[##############################] 3/3");
}

TEST_CASE_METHOD(Followed, "what is reverted or runs again is not done, and nothing is counted twice") {
  set_total(2);
  for (int time = 0; time < 3; ++time) {
    row("a_retry", "SUCCESS");
    row("a", "SUCCESS");
  }
  CHECK(done() == 2);
  row("a", "REVERTING");
  row("a_retry", "RETRYING");
  CHECK(bar() == "[------------------------------] 0/2");
}

TEST_CASE_METHOD(Followed, "claims, plans and resets are no states of the flow") {
  row("", "RUNNING");
  take(boost::json::parse(R"({"claim": {"conductor": "c1"}, "what": "claimed by c1 at epoch 1.2"})"));
  take(boost::json::parse(R"({"range": {"reset": true}, "what": "PENDING again: 2 atoms reset"})"));
  CHECK(flow_state() == "RUNNING");
  CHECK_FALSE(ended());
  row("a", "SUCCESS");
  CHECK_FALSE(ended());
  row("", "REVERTED");
  CHECK(ended());
}
