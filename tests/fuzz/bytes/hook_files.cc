#include "conductor/hooks/hook_file.h"

#include <set>
#include <string>

#include "flowfile/limits.h"
#include "tests/fuzz/bytes/expectations.h"
#include "tests/fuzz/bytes/folder.h"

/// A conductor's file of hooks as operators write it, in YAML and in JSON, with the files of secrets that it
/// names.
namespace {

using namespace baton;
using fuzz::expect;

constexpr std::string_view kSecret = "HUSH";  // what only files of secrets hold is told to nobody

void check_command(const conductor::HookCommand& command) {
  expect(!command.argv.empty() && !command.argv[0].empty(), "a command has a program");
  for (const auto& argument : command.argv) fuzz::expect_storable(argument, "a command's arguments");
}

/// Nothing in it can end the request's line or a header's.
void check_webhook(const conductor::HookWebhook& webhook, const flowfile::ReadText& read) {
  expect(webhook.url.empty() != webhook.url_file.empty(), "a webhook has one address");
  const auto url = webhook.url.empty() ? conductor::read_secret(webhook.url_file, read)
                                       : Result<std::string, std::string>(webhook.url);
  expect(url.ok() && conductor::problem_of_url(*url).empty(), "an address that can be called");
  for (const char c : *url) expect(c > ' ' && c < 0x7F, "an address is one word");
  for (const auto& [name, value] : webhook.headers)
    expect(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos, "a header is one line");
  for (const auto& [name, file] : webhook.header_files)
    expect(conductor::read_secret(file, read).ok(), "a header's file can be read");
}

void check(const conductor::Hook& hook, const flowfile::ReadText& read) {
  fuzz::expect_told(hook.name);
  expect(!hook.on.empty(), "a hook is called at some time");
  expect(hook.timeout > Millis{0} && hook.timeout <= conductor::kHookTimeoutMax, "a call ends");
  expect(hook.attempts >= 1 && hook.attempts <= conductor::kHookAttemptsMax, "attempts are counted");
  expect(hook.on.contains(ports::HookEvent::Stalled) == (hook.stalled_after >= conductor::kStalledAfterMin),
         "who stalls is told after some time");
  for (const auto& flow : hook.flows) fuzz::expect_storable(flow, "a flow's name");
  if (const auto* command = std::get_if<conductor::HookCommand>(&hook.how))
    check_command(*command);
  else
    check_webhook(std::get<conductor::HookWebhook>(hook.how), read);
}

void check_as(const std::string& name, const fuzz::Folder& folder) {
  const auto read = folder.reader();
  const auto hooks = conductor::read_hooks(name, read);
  if (!hooks.ok()) {
    fuzz::expect_told(hooks.error(), flowfile::kProblemsMax * fuzz::kToldBytesMax);
    const bool secret = folder.first().find(kSecret) == std::string_view::npos;
    return expect(!secret || hooks.error().find(kSecret) == std::string::npos, "a secret is told to nobody");
  }
  std::set<std::string> names;
  for (const auto& hook : *hooks) {
    check(hook, read);
    expect(names.insert(hook.name).second, "two hooks of one name");
  }
  expect(!names.empty() && names.size() <= conductor::kHooksMax, "how many hooks there are");
  fuzz::expect_told(conductor::HookBook(*hooks).shown(), conductor::kHooksMax * fuzz::kToldBytesMax);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Folder folder(fuzz::text_of(data, size));
  check_as("0.yaml", folder);
  check_as("0.json", folder);
  return 0;
}
