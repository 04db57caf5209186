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
                               "baton post create-cluster@2 --param nodes=a,b    # a stored flow file"}},
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
  post.flag("--wait,-w", given->wait, "follow the job to its end; the exit code is the flow's");
}

void add_list(Word& under) {
  auto given = std::make_shared<ListOptions>();
  auto& list = under.word({.name = "list",
                           .about = "jobs, newest first",
                           .examples = {"baton list --state RUNNING --flow create-cluster"}},
                          [given](const Context& context) { return list_jobs(context, *given); });
  list.option("--state", given->state, "only in this state")
      .such_as({"PENDING", "RUNNING", "SUCCESS", "FAILURE", "REVERTED", "SUSPENDING", "SUSPENDED", "RESUMING",
                "CANCELLED", "REJECTED", "TRASHED"});
  list.option("--name", given->name, "only with a name that begins so");
  list.option("--flow", given->flow, "only of this flow").are(Values::Flow);
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

void add_words(Word& under, const Local& local) {
  add_post(under);
  add_list(under);
  add_of_job(under, "show", "a job, its atoms as a tree", show_job);
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
