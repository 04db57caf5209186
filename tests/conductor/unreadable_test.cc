#include "common/wire/messages.h"
#include "tests/conductor/cluster.h"

using namespace baton;
using namespace baton::conductor;
using namespace baton::conductor::testing;
using runtime::UnreadableKind;

namespace {

/// Somebody else writes into a conductor's inbox.
struct Babble : Cluster {
  std::uint64_t seen(UnreadableKind kind) { return node.conductor->counters().unreadable.of(kind); }
  void say(std::string bytes) {
    REQUIRE(bus.send(*node.conductor->self().inbox, std::move(bytes), 0).ok());
    loop.run_for(Millis{100});
  }
  std::string message(wire::Body body) {
    return wire::encode({node.conductor->self().incarnation, babbler, 0, std::move(body)});
  }
  void runs_on() {
    post("job", R"({"factory": {"name": "chain", "kwargs": {"length": 2}}})");
    until_ended("job");
    CHECK(state("job") == FlowState::Success);
  }

  Node& node = conductor();
  ScriptedWorker& w1 = worker("w1");
  memory::MemoryMessageBus bus{broker, loop, loop};
  const Incarnation babbler{entropy.uuid()};
};

}  // namespace

TEST_CASE_METHOD(Babble, "H8: what comes into the inbox and cannot be read is counted by kind and skipped") {
  say("garbage");
  say("");
  auto newer = message(wire::Answers{});
  REQUIRE(newer.substr(0, 2) == "\x08\x01");  // the version
  newer[1] = '\x02';
  say(newer);
  say(message(wire::Cancel{{FlowId(entropy.uuid()), "a", Intention::Execute, 1, 1}, "why"}));
  const auto self = node.conductor->self().incarnation.value.bytes;
  auto other = newer;  // for another process in the same partition
  other.replace(other.find(std::string(self.begin(), self.end())), 1, "?");
  say(other);
  CHECK(seen(UnreadableKind::Message) == 2);
  CHECK(seen(UnreadableKind::Version) == 1);
  CHECK(seen(UnreadableKind::Misplaced) == 1);
  CHECK(seen(UnreadableKind::Unsupported) == 0);
  runs_on();
}

TEST_CASE_METHOD(Babble, "H8: a worker's word that it cannot read us is counted, and no flow's") {
  wire::DeliveryId none;
  none.atom = "*";
  say(message(wire::Answers{{{none, wire::NotRun{wire::NoOutcome::Unsupported, "version 9"}, Micros{0}}}}));
  CHECK(seen(UnreadableKind::Unsupported) == 1);
  CHECK(node.conductor->counters().answers_stale == 0);
  runs_on();
}
