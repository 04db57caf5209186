#include "client/command/commands.h"
#include "client/command/words/rooms.h"

namespace baton::client {
namespace {

void add_retry(Word& hooks) {
  auto given = std::make_shared<HookRetryOptions>();
  auto& retry = hooks.word({.name = "retry",
                            .about = "make a call after all that was given up",
                            .examples = {"baton hooks retry 4711 --reason 'the receiver is back'",
                                         "baton hooks retry 4711 --dry-run"},
                            .details = "It is due at once, and tried as often again as its hook says. Who "
                                       "asked, and why, is in the job's history."},
                           [given](const Context& context) { return retry_hook_call(context, *given); });
  retry.argument("call", given->call, "its number (see: baton hooks list)").required();
  retry.option("--reason", given->reason, "why, for the job's history");
  retry.option("--who", given->who, "who asks; user@host if missing");
  add_dry_run(retry, given->dry_run);
}

}  // namespace

void add_hook_words(Word& baton) {
  auto& hooks = baton.group({.name = "hooks",
                             .about = "who is called when a flow fails, is reverted, is rejected or stalls",
                             .examples = {"baton hooks list", "baton hooks test page"}});
  hooks.word({.name = "list",
              .about = "the hooks, and the calls that are pending or given up",
              .examples = {"baton hooks list"}},
             [](const Context& context) { return list_hooks(context); });
  auto job = std::make_shared<std::string>();
  auto& of = hooks.word({.name = "of",
                         .about = "all calls of hooks about a job",
                         .examples = {std::string("baton hooks of ") + kAnyJob}},
                        [job](const Context& context) { return list_hooks_of(context, *job); });
  add_job(of, *job);
  auto name = std::make_shared<std::string>();
  auto& test = hooks.word({.name = "test",
                           .about = "call a hook once, with a document that says that it is a test",
                           .examples = {"baton hooks test page    # 1: it was called, and failed"}},
                          [name](const Context& context) { return test_hook(context, *name); });
  test.argument("hook", *name, "its name in the hooks file");
  add_retry(hooks);
}

}  // namespace baton::client
