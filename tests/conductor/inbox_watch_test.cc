#include "conductor/inbox_watch.h"

#include <catch2/catch.hpp>

#include "common/memory/event_loop.h"

using namespace baton;
using namespace baton::conductor;

namespace {

/// An inbox of which the story says what comes in.
struct QuietInbox {
  QuietInbox() {
    watch.set(
        [this] {
          if (bus_full) return false;
          ++echoes;
          if (echoes_come) loop.post([this] { watch.heard(); });
          return true;
        },
        [this] { return awaited; }, [this] { changes.push_back(watch.readable()); });
  }
  memory::EventLoop loop;
  Bounds bounds;
  InboxWatch watch{loop, bounds};
  bool awaited = true, bus_full = false, echoes_come = false;
  int echoes = 0;
  std::vector<bool> changes;
};

using Changes = std::vector<bool>;

}  // namespace

TEST_CASE_METHOD(QuietInbox, "nobody looks at an inbox from which nothing is awaited") {
  loop.run_for(Millis{60'000});
  watch.awaiting();
  loop.run_for(Millis{1'000});
  awaited = false;
  loop.run_for(Millis{60'000});
  CHECK(echoes == 0);
  CHECK(changes.empty());
}

TEST_CASE_METHOD(QuietInbox, "an inbox in which words come needs no echo") {
  watch.awaiting();
  for (int i = 0; i < 40; ++i) {
    loop.run_for(bounds.inbox_quiet - bounds.inbox_look);
    watch.heard();
  }
  CHECK(echoes == 0);
  CHECK(changes.empty());
}

TEST_CASE_METHOD(QuietInbox, "an echo that comes says that the inbox is read, however quiet the others are") {
  echoes_come = true;
  watch.awaiting();
  loop.run_for(Millis{60'000});
  CHECK(echoes == 30);
  CHECK(changes.empty());
}

TEST_CASE_METHOD(QuietInbox, "no echo within its patience: the inbox is unreadable, until anything comes") {
  watch.awaiting();
  loop.run_for(bounds.inbox_quiet + bounds.echo_patience - Millis{1});
  CHECK(watch.readable());
  loop.run_for(Millis{1});
  CHECK_FALSE(watch.readable());
  awaited = false;  // what was open has been given up: it is looked after all the same
  loop.run_for(Millis{600'000});
  CHECK(echoes > 15);  // one of them may be lost …
  CHECK(echoes < 30);  // … but the bus keeps all the others
  CHECK(changes == Changes{false});
  watch.heard();
  CHECK(changes == Changes{false, true});
  awaited = true;
  watch.awaiting();
  loop.run_for(bounds.inbox_quiet + bounds.echo_patience);
  CHECK(changes == Changes{false, true, false});
}

TEST_CASE_METHOD(QuietInbox, "an echo that the bus does not take says nothing about the inbox") {
  bus_full = true;
  watch.awaiting();
  loop.run_for(Millis{60'000});
  CHECK(changes.empty());
  bus_full = false;
  loop.run_for(bounds.echo_patience + bounds.inbox_look);
  CHECK(echoes > 0);
  CHECK(changes == Changes{false});
}

TEST_CASE_METHOD(QuietInbox, "a stop of this process is not the inbox's silence") {
  watch.awaiting();
  loop.run_for(bounds.inbox_quiet);
  REQUIRE(echoes == 1);
  loop.advance(Millis{60'000});
  CHECK(changes.empty());
}
