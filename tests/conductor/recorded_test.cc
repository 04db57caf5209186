#include "common/wire/messages.h"
#include "tests/conductor/cluster.h"

using namespace baton;
using namespace baton::conductor;
using namespace baton::conductor::testing;
using Names = std::vector<std::string>;

namespace {

/// The word `recorded` can be lost on its way to the workers (PROTOCOL.md I16).
struct Unheard : Cluster {
  Unheard() {
    broker.set_fates([this](const ports::InboxAddress&, std::string_view bytes) {
      const auto message = wire::decode(bytes);
      const bool said = message.ok() && std::holds_alternative<wire::Recorded>(message->body);
      if (said) ++words;
      return memory::MemoryBroker::Fate{said && words <= lost ? 0u : 1u, Millis{0}};
    });
  }
  void post_chain(int length) {
    post("job", R"({"factory": {"name": "chain", "kwargs": {"length": )" + std::to_string(length) + "}}}");
  }
  int words = 0, lost = 0;
};

}  // namespace

TEST_CASE_METHOD(Unheard, "an answer that is repeated after it was recorded is told so again") {
  conductor();
  auto& w = worker("w1");
  lost = 2;
  script.held.insert("step-2");  // the flow goes on meanwhile
  post_chain(2);
  until("step-1 is recorded, and the word is lost", [&] { return words == 1; });
  CHECK(w.unrecorded() == 1);
  until("the word came when the answer was repeated", [&] { return w.unrecorded() == 0; });
  CHECK(words == 3);
  w.release("step-2");
  until_ended("job");
  CHECK(script.calls == Names{"step-1", "step-2"});
  CHECK(history("job") ==
        Names{"RUNNING", "step-1 RUNNING", "step-1 SUCCESS", "step-2 RUNNING", "step-2 SUCCESS", "SUCCESS"});
}

TEST_CASE_METHOD(Unheard, "an answer that is repeated after its flow has ended is told so again") {
  conductor();
  auto& w = worker("w1");
  lost = 2;
  post_chain(1);
  until_ended("job");
  until("the job is gone from the board", [&] { return on_board().empty(); });
  CHECK(w.unrecorded() == 1);
  until("the word came when the answer was repeated", [&] { return w.unrecorded() == 0; });
  CHECK(words == 3);
  CHECK(script.calls == Names{"step-1"});
}
