#include "client/command/commands.h"
#include "client/command/words/rooms.h"

namespace baton::client {
namespace {

void add_post(Word& under) {
  auto given = std::make_shared<PostOptions>();
  auto& post =
      under.word({.name = "post",
                  .about = "post a job",
                  .examples = {"baton post create-cluster --param nodes=a,b,c --wait",
                               "baton post --file create-cluster.yaml --param nodes=a,b --key order-4711",
                               "baton post create-cluster@2 --param nodes=a,b    # a stored flow file",
                               "baton post create-cluster --param nodes=a,b --dry-run"}},
                 [given](const Context& context) { return post_job(context, *given); });
  post.argument("flow", given->flow,
                "a registered flow, or a stored one: NAME or NAME@VERSION (see: baton flow list)")
      .are(Values::Flow);
  post.option("--file,-f", given->file,
              "a flow file (YAML, or JSON if it ends in .json), instead of one by name")
      .are(Values::File);
  add_flow_values(post, given->parameters, given->store);
  post.option("--name", given->name, "the job's name, for people");
  post.option("--priority", given->priority, "which waiting job is taken first")
      .such_as({"VERY_HIGH", "HIGH", "NORMAL", "LOW", "VERY_LOW"});
  post.option("--key", given->key, "idempotency key: posting again with it is harmless");
  post.option("--uuid", given->uuid, "the job's uuid, instead of a new one");
  post.option("--reason", given->reason, "why, for the job's history");
  add_dry_run(post, given->dry_run);
  post.flag("--wait,-w", given->wait, "follow the job to its end; the exit code is the flow's");
}

void add_list(Word& under) {
  auto given = std::make_shared<ListOptions>();
  auto& list = under.word({.name = "list",
                           .about = "jobs, newest first",
                           .examples = {"baton list --state RUNNING --flow create-cluster",
                                        "baton list --state FAILURE,REVERTED --since 2h --priority HIGH",
                                        "baton list --since 2026-11-26 --watch"}},
                          [given](const Context& context) { return list_jobs(context, *given); });
  list.options("--state", given->states, "only in this state, or these: RUNNING,SUSPENDED; known")
      .such_as({"PENDING", "RUNNING", "SUCCESS", "FAILURE", "REVERTED", "SUSPENDING", "SUSPENDED", "RESUMING",
                "CANCELLED", "REJECTED", "TRASHED"});
  list.option("--name", given->name, "only with a name that begins so");
  list.option("--flow", given->flow, "only of this flow").are(Values::Flow);
  list.options("--priority", given->priorities, "only with this priority, or these")
      .such_as({"VERY_HIGH", "HIGH", "NORMAL", "LOW", "VERY_LOW"});
  list.option("--conductor", given->conductor, "only those that this one claimed last");
  list.option("--since", given->since,
              "posted not before: 2026-11-26T06:00:00Z, 2026-11-26, or 15m, 2h, 7d ago");
  list.option("--until", given->until, "posted before that");
  add_watch(list, given->watch_s);
  list.option("--limit", given->limit, "at most so many").between(1, 500);
  list.option("--cursor", given->cursor, "where the page before ended");
}

void add_of_job(Word& under, const std::string& name, const std::string& about,
                Ended (*of_uuid)(const Context&, const std::string&)) {
  auto uuid = std::make_shared<std::string>();
  auto& word = under.word({.name = name, .about = about, .examples = {"baton " + name + " " + kAnyJob}},
                          [uuid, of_uuid](const Context& context) { return of_uuid(context, *uuid); });
  add_job(word, *uuid).required();
}

void add_show(Word& under) {
  struct ShowOptions {
    std::string uuid;
    int watch_s = 0;
  };
  auto given = std::make_shared<ShowOptions>();
  auto& show = under.word(
      {.name = "show",
       .about = "a job, its atoms as a tree",
       .examples = {std::string("baton show ") + kAnyJob, std::string("baton show ") + kAnyJob + " --watch"}},
      [given](const Context& context) { return show_job(context, given->uuid, given->watch_s); });
  add_job(show, given->uuid).required();
  add_watch(show, given->watch_s);
}

void add_words(Word& under, const Local& local) {
  add_post(under);
  add_list(under);
  add_show(under);
  add_of_job(under, "watch", "follow a job to its end; the exit code is the flow's", watch_job);
  add_of_job(under, "history", "what happened to a job", show_history);
  add_order_words(under, local);
}

}  // namespace

/// Each once as `baton job …` and once in short.
void add_job_words(Word& baton, const Local& local) {
  add_words(baton.group({.name = "job",
                         .about = "jobs: post them, look at them, give them orders",
                         .examples = {"baton job list"}}),
            local);
  add_words(baton, local);
  for (const auto& word : baton.words())
    if (word->text().name != "job") word->short_for("job " + word->text().name);
}

}  // namespace baton::client
