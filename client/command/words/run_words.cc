#include "client/command/words/rooms.h"

namespace baton::client {
namespace {

void add_task_files(Word& word, std::vector<std::string>& modules, std::vector<std::string>& commands) {
  word.options("--module,-m", modules, "a module (.so) with tasks and flows").are(Values::File);
  word.options("--commands", commands, "a file of named commands that are task types").are(Values::File);
}

void add_run(Word& baton, const Local& local) {
  auto given = std::make_shared<RunOptions>();
  auto& run = baton.word(
      {.name = "run",
       .about = "run a flow in this process, without a cluster",
       .examples = {"baton run create.json --state create.state",
                    "baton run create.json --state create.state --dry-run",
                    "baton run create-cluster --module cloud.so --param nodes=a,b --executor process",
                    "baton resume --state create.state"}},
      [given, &local](const Context& context) { return local.run(context, *given); });
  run.asks_nobody();
  run.argument("flow", given->flow, "a file with a flow, or a flow of a module").are(Values::File).required();
  add_flow_values(run, given->parameters, given->store);
  run.option("--name", given->name, "the run's name, for people");
  run.option("--state", given->state, "keep it in this file: after a crash, resume --state goes on")
      .are(Values::File);
  add_run_options(run, *given);
  add_dry_run(run, given->dry_run);
}

void add_dev(Word& baton, const Local& local) {
  auto given = std::make_shared<DevOptions>();
  auto& dev = baton.word(
      {.name = "dev",
       .about = "conductor, worker and API in this process, without servers",
       .examples =
           {"baton dev --module cloud.so",
            "baton post --file create-cluster.yaml --param nodes=a,b --wait    # in another terminal"}},
      [given, &local](const Context& context) { return local.dev(context, *given); });
  dev.asks_nobody();
  dev.option("--state", given->state, "where its jobs are kept; baton-dev.state if missing")
      .are(Values::File);
  dev.option("--port", given->port, "of its API on loopback; 0: any that is free");
  dev.option("--slots", given->slots, "tasks at a time").between(1, kLocalSlotsMax);
  dev.option("--hooks", given->hooks, "who is called when a flow fails or stalls: a file (docs/hooks.md)")
      .are(Values::File);
  add_task_files(dev, given->modules, given->commands);
}

}  // namespace

void add_run_options(Word& word, RunOptions& run) {
  word.option("--executor", run.executor, "where tasks run, thread if missing")
      .one_of({"serial", "thread", "process"});
  word.option("--slots", run.slots, "tasks at a time (thread and process)").between(1, kLocalSlotsMax);
  add_task_files(word, run.modules, run.commands);
  word.flag("--quiet,-q", run.quiet, "only the end");
}

void add_local_words(Word& baton, const Local& local) {
  add_run(baton, local);
  add_dev(baton, local);
}

}  // namespace baton::client
