#include "conductor/hooks/hook_threads.h"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "common/runtime/asio_loop.h"
#include "tests/hooks/told_host.h"
#include "tests/support/scratch_folder.h"

using namespace baton;
using namespace baton::conductor;
using Catch::Matchers::Contains;

namespace {

/// Of its thread: gone behind all that the thread does itself, as what OpenSSL keeps of each thread.
struct OfThread {
  ~OfThread() {
    if (ends) ++*ends;
  }
  std::atomic<int>* ends = nullptr;
};
thread_local OfThread of_thread;

struct Story {
  Story()
      : threads(std::make_unique<HookThreads>(loop, loop, [this](const std::string& file) {
          return secrets.contains(file) ? Result<std::string, std::string>(secrets.at(file))
                                        : Result<std::string, std::string>(Fail(file + ": no such file"));
        })) {}
  static Hook command(const std::string& script, Millis timeout = Millis{40'000}) {
    Hook hook;
    hook.name = "page";
    hook.timeout = timeout;
    hook.how = HookCommand{{"/bin/sh", "-c", script}};
    return hook;
  }
  static HookDocument document() {
    HookDocument made;
    made.id = "id-1", made.hook = "page", made.event = "failed", made.job = "job-1", made.json = "{}\n";
    return made;
  }
  /// What each said, in the order of their ends.
  std::vector<std::string> run(const std::vector<Hook>& hooks) {
    std::vector<std::string> said;
    for (const Hook& hook : hooks)
      threads->run(hook, document(), [&](const std::string& error) {
        said.push_back(error);
        if (said.size() == hooks.size()) loop.stop();
      });
    loop.run();
    return said;
  }

  runtime::AsioLoop loop;
  std::map<std::string, std::string> secrets;
  std::unique_ptr<HookThreads> threads;
};

}  // namespace

TEST_CASE("a command that hangs holds up no other call, and ends at its timeout", "[hooks]") {
  Story story;
  const auto said = story.run({Story::command("sleep 1000", Millis{1'000}), Story::command("exit 0")});
  REQUIRE(said.size() == 2);
  CHECK(std::count(said.begin(), said.end(), "") == 1);
  CHECK_THAT(said[0] + said[1], Contains("had not ended after 1000 ms"));
}

TEST_CASE("a command is told what happened by its variables, too", "[hooks]") {
  Story story;
  const auto said = story.run({Story::command("env | grep BATON_ | sort; exit 1")});
  CHECK_THAT(said.at(0), Contains("BATON_HOOK=page\n") && Contains("BATON_HOOK_ID=id-1\n") &&
                             Contains("BATON_HOOK_EVENT=failed\n") && Contains("BATON_JOB=job-1\n"));
}

TEST_CASE("a webhook's secrets are read at each call", "[hooks]") {
  Story story;
  const test::ToldHost host("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  Hook hook = Story::command("");
  HookWebhook webhook;
  webhook.url_file = "/url";
  webhook.header_files["Authorization"] = "/token";
  hook.how = webhook;
  story.secrets["/url"] = "http://" + host.address() + "/T\n";
  CHECK_THAT(story.run({hook}).at(0), Contains("/token: no such file"));
  story.secrets["/token"] = "Bearer 1\n";
  CHECK(story.run({hook}).at(0).empty());
  CHECK_THAT(host.requests().at(0), Contains("Authorization: Bearer 1\r\n") &&
                                        Contains("Idempotency-Key: id-1\r\n") &&
                                        Contains("X-Baton-Event: failed\r\n"));
}

TEST_CASE("commands under way are killed with their caller, and nothing is said any more", "[hooks]") {
  Story story;
  const test::ScratchFolder folder;
  const std::string fifo = folder.path() + "/begun";
  bool said = false;
  story.threads->run(Story::command("echo > " + fifo + "; sleep 1000"), Story::document(),
                     [&](const std::string&) { said = true; });
  while (!std::ifstream(fifo).good()) std::this_thread::yield();
  story.threads.reset();  // waits until it is dead
  story.loop.post([&] { story.loop.stop(); });
  story.loop.run();
  CHECK_FALSE(said);
}

TEST_CASE("webhooks under way end with their caller, threads and all", "[hooks]") {
  std::atomic<int> ends = 0;
  runtime::AsioLoop loop;
  const test::ToldHost host("");  // it says nothing
  auto threads = std::make_unique<HookThreads>(loop, loop, [&](const std::string&) {
    of_thread.ends = &ends;
    return Result<std::string, std::string>("Bearer 1");
  });
  Hook hook = Story::command("");
  HookWebhook webhook;
  webhook.url = "http://" + host.address() + "/";
  webhook.header_files["Authorization"] = "/token";
  hook.how = webhook;
  bool said = false;
  for (int call = 0; call < 3; ++call)
    threads->run(hook, Story::document(), [&](const std::string&) { said = true; });
  while (host.requests().size() < 3) std::this_thread::yield();
  threads.reset();
  CHECK(ends == 3);
  CHECK_FALSE(said);
}

TEST_CASE("what a call throws is its error, without what it was given", "[hooks]") {
  Story story;
  const test::ToldHost host("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  Hook hook = Story::command("");
  HookWebhook webhook;
  webhook.url = "http://" + host.address() + "/";
  webhook.headers["Authorization"] =
      "topsecret" + std::string(100'000, 'x');  // more than HTTP's library takes
  hook.how = webhook;
  CHECK_THAT(story.run({hook}).at(0), Contains("it could not be made: ") && !Contains("topsecret"));
  story.threads = std::make_unique<HookThreads>(
      story.loop, story.loop,
      [](const std::string&) -> Result<std::string, std::string> { throw std::runtime_error("topsecret"); });
  webhook.headers.clear();
  webhook.header_files["Authorization"] = "/token";
  hook.how = webhook;
  CHECK_THAT(story.run({hook}).at(0), Contains("std::runtime_error") && !Contains("topsecret"));
  CHECK(story.run({Story::command("exit 0")}).at(0).empty());
}
