#include <catch2/catch.hpp>
#include <map>

#include "conductor/hooks/hook_file.h"

using namespace baton;
using namespace baton::conductor;
using Catch::Matchers::Contains;
using ports::HookEvent;

namespace {

using Files = std::map<std::string, std::string>;

Result<std::vector<Hook>, std::string> read(const std::string& text, Files files = {},
                                            const std::string& path = "hooks.yaml") {
  files[path] = text;
  return read_hooks(path, [files](const std::string& name) -> Result<std::string, std::string> {
    const auto found = files.find(name);
    if (found == files.end()) return Fail(name + ": no such file");
    return found->second;
  });
}

std::string refused(const std::string& text, const Files& files = {}) {
  const auto hooks = read(text, files);
  REQUIRE_FALSE(hooks.ok());
  CHECK_THAT(hooks.error(), Contains("conductor.hooks_file"));
  return hooks.error();
}

/// A hook with one more line.
std::string hook_with(const std::string& line) {
  return "hooks:\n  - name: page\n    events: [failed]\n    command: [/bin/true]\n    " + line + "\n";
}

}  // namespace

TEST_CASE("a hooks file says who is called for what", "[hooks]") {
  const auto hooks = read(R"(hooks:
  - name: page
    events: [failed, not_reverted, stalled]
    flows: [create-cluster, "backup-*"]
    priorities: [HIGH, very_high]
    stalled_after: 15m
    command: [/usr/local/bin/page, --severity, high]
    timeout: 45s
    attempts: 7
  - name: chat
    events: [reverted]
    webhook:
      url: https://chat.example.com/hooks/baton
      headers: {X-Team: ops}
      headers_from_file: {Authorization: /secrets/chat}
  - name: secret-address
    events: [succeeded, cancelled]
    webhook: {url_file: /secrets/url, ca_file: /secrets/ca.pem}
)",
                          {{"/secrets/chat", "Bearer 123\n"},
                           {"/secrets/url", "http://10.0.0.1:8080/T/B\n"},
                           {"/secrets/ca.pem", "…"}});
  INFO((hooks.ok() ? "" : hooks.error()));
  REQUIRE(hooks.ok());
  REQUIRE(hooks->size() == 3);
  const Hook& page = hooks.value()[0];
  CHECK(page.name == "page");
  CHECK(page.on == std::set{HookEvent::Failed, HookEvent::NotReverted, HookEvent::Stalled});
  CHECK(page.flows == std::vector<std::string>{"create-cluster", "backup-*"});
  CHECK(page.priorities == std::set{Priority::High, Priority::VeryHigh});
  CHECK(page.stalled_after == Millis{900'000});
  CHECK(page.timeout == Millis{45'000});
  CHECK(page.attempts == 7);
  CHECK(std::get<HookCommand>(page.how).argv.size() == 3);
  const auto& chat = std::get<HookWebhook>(hooks.value()[1].how);
  CHECK(hooks.value()[1].timeout == kHookTimeout);
  CHECK(hooks.value()[1].attempts == kHookAttempts);
  CHECK(chat.url == "https://chat.example.com/hooks/baton");
  CHECK(chat.headers.at("X-Team") == "ops");
  CHECK(chat.header_files.at("Authorization") == "/secrets/chat");
  CHECK(std::get<HookWebhook>(hooks.value()[2].how).url_file == "/secrets/url");
}

TEST_CASE("the same in JSON", "[hooks]") {
  const auto hooks = read(R"({"hooks": [{"name": "page", "events": ["failed"], "command": ["/bin/true"]}]})",
                          {}, "hooks.json");
  REQUIRE(hooks.ok());
  CHECK(hooks.value().at(0).name == "page");
}

TEST_CASE("a mistake in a hooks file is told with its line and what is known", "[hooks]") {
  CHECK_THAT(refused(hook_with("retries: 3")),
             Contains("hooks.yaml:5:5") && Contains("'retries' is not known here") && Contains("attempts"));
  CHECK_THAT(refused("hooks:\n  - name: page\n    events: [fails]\n    command: [/bin/true]\n"),
             Contains("hooks.yaml:3:14") && Contains("'fails' is no event") && Contains("not_reverted"));
  CHECK_THAT(refused(hook_with("webhook: {url: 'http://h/'}")), Contains("either 'command' or 'webhook'"));
  CHECK_THAT(refused("hooks:\n  - name: page\n    events: [failed]\n"),
             Contains("either 'command' or 'webhook'"));
  CHECK_THAT(refused("hooks:\n  - events: [failed]\n    command: [/bin/true]\n"),
             Contains("'name' is missing"));
  CHECK_THAT(refused("hooks:\n  - name: page\n    command: [/bin/true]\n"), Contains("'events' is missing"));
  CHECK_THAT(refused("hooks:\n  - name: page\n    events: []\n    command: [/bin/true]\n"),
             Contains("'events' is empty"));
  CHECK_THAT(refused("hooks:\n  - name: page\n    events: [failed]\n    command: []\n"),
             Contains("names no program"));
  CHECK_THAT(refused(hook_with("timeout: 2h")), Contains("cannot be 'timeout'") && Contains("600000 ms"));
  CHECK_THAT(refused(hook_with("timeout: 30")), Contains("a duration such as 30s"));
  CHECK_THAT(refused(hook_with("attempts: 0")), Contains("from 1 to 1000"));
  CHECK_THAT(refused(hook_with("attempts: many")), Contains("from 1 to 1000"));
  CHECK_THAT(refused(hook_with("priorities: [urgent]")), Contains("'urgent' is no priority"));
  CHECK_THAT(refused(hook_with("stalled_after: 5m")), Contains("means nothing here"));
  CHECK_THAT(refused("hooks:\n  - name: page\n    events: [stalled]\n    command: [/bin/true]\n"),
             Contains("needs 'stalled_after'"));
  CHECK_THAT(refused("hooks:\n  - name: page me\n    events: [failed]\n    command: [/bin/true]\n"),
             Contains("cannot be a hook's name"));
  CHECK_THAT(refused(hook_with("") + "  - name: page\n    events: [failed]\n    command: [/bin/true]\n"),
             Contains("two hooks 'page'"));
  CHECK_THAT(refused("hooks: []\n"), Contains("there is no hook in it"));
  CHECK_THAT(refused("- name: page\n"), Contains("a mapping with 'hooks'"));
  CHECK_THAT(refused("hooks:\n  - [\n"), Contains("hooks.yaml:"));
  CHECK_THAT(read_hooks("none.yaml",
                        [](const std::string&) -> Result<std::string, std::string> {
                          return Fail(std::string("none.yaml: no such file"));
                        })
                 .error(),
             Contains("none.yaml"));
}

TEST_CASE("all mistakes are told together", "[hooks]") {
  const auto told = refused("hooks:\n  - name: page\n    events: [fails]\n    timeout: never\n    flow: x\n");
  CHECK_THAT(told,
             Contains(":3:14") && Contains(":4:14") && Contains(":5:5") && Contains("either 'command'"));
}

TEST_CASE("an address that cannot be called, and a secret that cannot be read, are told without the secret",
          "[hooks]") {
  const auto with = [](const std::string& webhook) {
    return "hooks:\n  - name: chat\n    events: [failed]\n    webhook: {" + webhook + "}\n";
  };
  CHECK_THAT(refused(with("url: 'ftp://host/'")), Contains("only http:// and https://"));
  CHECK_THAT(refused(with("url: 'not an address'")), Contains("no address"));
  CHECK_THAT(refused(with("url: 'https://ann:pw@host/'")), Contains("headers_from_file"));
  CHECK_THAT(refused(with("headers: {}")), Contains("either 'url' or 'url_file'"));
  CHECK_THAT(refused(with("url: 'http://h/', headers: {'X Y': z}")), Contains("cannot be a header's name"));
  CHECK_THAT(refused(with("url: 'http://h/', headers_from_file: {Authorization: /none}")),
             Contains("/none: no such file"));
  const std::string most(8 * kKiB, 'x');
  CHECK(read(with("url: 'http://h/', headers: {X: '" + most + "'}")).ok());
  CHECK_THAT(refused(with("url: 'http://h/', headers: {X: '" + most + "y'}")),
             Contains("hooks.yaml:4:46: a header's value of 8193 bytes; the most is 8192"));
  CHECK_THAT(refused(with("url: 'http://h/" + most + "'")),
             Contains("hooks.yaml:4:20: an address of 8201 bytes; the most is 8192"));
  const auto empty =
      refused(with("url: 'http://h/', headers_from_file: {Authorization: /s}"), {{"/s", "\n"}});
  CHECK_THAT(empty, Contains("/s is empty"));
  const auto two = refused(with("url_file: /s"), {{"/s", "http://h/topsecret\nmore"}});
  CHECK_THAT(two, Contains("more than one line") && !Contains("topsecret"));
  CHECK_THAT(refused(with("url_file: /s"), {{"/s", "topsecret"}}),
             Contains("/s holds no address") && !Contains("topsecret"));
}
