#include "tests/conductor/cluster.h"

using namespace baton;
using namespace baton::conductor;
using namespace baton::conductor::testing;
using ports::HookEvent;
using Names = std::vector<std::string>;

namespace {

const std::string kChain = R"({"factory": {"name": "chain", "kwargs": {"length": 2}}})";

/// Who is called takes it.
struct Listening final : HookRunner {
  explicit Listening(memory::EventLoop& event_loop) : loop(event_loop) {}
  void run(const Hook&, const HookDocument& document, Done done) override {
    documents.push_back(document);
    heard.push_back(document.hook + " " + document.job + " " + document.event);
    loop.post([done = std::move(done)] { done({}); });
  }
  memory::EventLoop& loop;
  std::vector<HookDocument> documents;
  Names heard;
};

struct Hooked : Cluster {
  Hooked() { hook_runner = &listening; }

  void hook(const std::string& name, std::set<HookEvent> on, Millis stalled_after = Millis{0}) {
    Hook made;
    made.name = name;
    made.on = std::move(on);
    made.how = HookCommand{{"/bin/true"}};
    made.stalled_after = stalled_after;
    auto all = hook_book.hooks();
    all.push_back(std::move(made));
    hook_book = HookBook(std::move(all));
  }
  void run(const std::string& job) {
    post(job, kChain);
    until_ended(job);
    loop.run_for(Millis{10'000});
  }
  std::size_t recorded() { return database->hook_calls({.limit = 1'000}).value().calls.size(); }

  Listening listening{loop};
};

}  // namespace

TEST_CASE_METHOD(Hooked, "who is called hears how each run has ended, once", "[conductor][hooks]") {
  hook("all", {HookEvent::Failed, HookEvent::Reverted, HookEvent::NotReverted, HookEvent::Succeeded});
  hook("trouble", {HookEvent::NotReverted});
  conductor("c1");
  worker("w1");
  run("good");
  script.failures["step-2"] = Failure::make("Refused", "no quota");
  run("undone");
  script.revert_failures["step-1"] = Failure::make("Stuck", "it stays");
  run("stuck");
  CHECK(listening.heard == Names{"all good succeeded", "all undone reverted", "all stuck not_reverted",
                                 "trouble stuck not_reverted"});
  const auto told = Value::parse(listening.documents[1].json);
  REQUIRE(told.ok());
  CHECK(told->tree().at("failure").at("type") == "Refused");
  CHECK(told->tree().at("flow") == "chain");
  CHECK(told->tree().at("name") == "story");
}

TEST_CASE_METHOD(Hooked, "who is called hears that a job was rejected, and why", "[conductor][hooks]") {
  hook("page", {HookEvent::Rejected});
  hook("chat", {HookEvent::Failed});
  conductor("c1");
  worker("w1");
  post("bad", R"({"factory": {"name": "chain", "kwargs": {"length": "two"}}})");
  until_ended("bad");
  loop.run_for(Millis{10'000});
  CHECK(listening.heard == Names{"page bad rejected"});
  const auto told = Value::parse(listening.documents.at(0).json);
  REQUIRE(told.ok());
  CHECK(told->tree().at("state") == "REJECTED");
  CHECK(told->tree().at("flow") == "chain");
  CHECK(told->tree().at("failure").at("type") == "BadParameters");
}

TEST_CASE_METHOD(Hooked, "without hooks nothing is recorded of them", "[conductor][hooks]") {
  conductor("c1");
  worker("w1");
  script.failures["step-2"] = Failure::make("Refused", "no quota");
  run("undone");
  CHECK(recorded() == 0);
  CHECK(listening.heard.empty());
}

TEST_CASE_METHOD(Hooked, "a conductor that dies behind its last commit leaves the call to another",
                 "[conductor][hooks]") {
  hook("page", {HookEvent::Succeeded});
  auto& c1 = conductor("c1");
  worker("w1");
  // The commit that ends the flow is applied, and nobody here hears of it.
  bool dead = false;
  c1.store->cut_steps([&](const ports::StepWrite& write) -> std::optional<std::vector<Fact>> {
    for (const Fact& fact : write.facts)
      if (const auto* flow = std::get_if<FlowFact>(&fact.body); flow && is_final(flow->state)) {
        dead = true;
        return write.facts;
      }
    return std::nullopt;
  });
  post("job", kChain);
  until("the last commit", [&] { return dead; });
  kill("c1", true);
  CHECK(listening.heard.empty());
  conductor("c2");
  until("the call", [&] { return !listening.heard.empty(); });
  loop.run_for(Millis{120'000});
  CHECK(listening.heard == Names{"page job succeeded"});
}

TEST_CASE_METHOD(Hooked, "a run in which nothing happens is told of once, whoever owns it",
                 "[conductor][hooks]") {
  hook("page", {HookEvent::Stalled}, Millis{60'000});
  conductor("c1");
  conductor("c2");
  auto& w = worker("w1");
  script.held.insert("step-1");
  post("job", kChain);
  until("it runs", [&] { return w.holds("step-1"); });
  loop.run_for(Millis{50'000});
  CHECK(listening.heard.empty());
  loop.run_for(Millis{600'000});
  CHECK(listening.heard == Names{"page job stalled"});
  restart("c1", true);
  restart("c2", true);
  loop.run_for(Millis{600'000});
  CHECK(listening.heard == Names{"page job stalled"});
  // It goes on, and stalls again.
  script.held = {"step-2"};
  w.release("step-1");
  until("the second step", [&] { return w.holds("step-2"); });
  loop.run_for(Millis{600'000});
  CHECK(listening.heard == Names{"page job stalled", "page job stalled"});
  w.release("step-2");
  until_ended("job");
}
