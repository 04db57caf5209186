#include "client/command/commands.h"
#include "client/command/refusal.h"
#include "client/command/words/rooms.h"

namespace baton::client {
namespace {

/// What an order is given; of resume and rerun either a job's or a state file's.
struct OrderGiven {
  OrderOptions order;
  RunOptions run;
};

struct OrderText {
  std::string name, about, example;  // of a job, behind its uuid
  std::string of_file = {};          // … of a state file, behind its name
};

struct OrderWord {
  Word& word;
  std::shared_ptr<OrderGiven> given;
};

Ended order_or_run(const Context& context, const OrderGiven& given, const Local::Run& of_file) {
  const auto& order = given.order;
  auto run = given.run;
  if (run.state.empty() == order.uuid.empty())
    return refuse_usage(context, "name a job by its uuid, or a state file with --state: one of them");
  if (run.state.empty()) return order_job(context, order);
  if (order.run > 0) return refuse_usage(context, "--run is for a job, not for a state file");
  run.dry_run = order.dry_run;
  run.anew = order.anew;
  run.who = order.who.empty() ? who_we_are() : order.who;
  run.why = order.reason;
  return of_file(context, run);
}

/// `of_file`: what it does with a state file; null: it is of jobs only.
OrderWord add_order(Word& under, const OrderText& text, const Local::Run* of_file = nullptr) {
  auto given = std::make_shared<OrderGiven>();
  given->order.order = text.name;
  Word::Text words{text.name, text.about, {"baton " + text.name + " " + kAnyJob + " " + text.example}};
  if (of_file) words.examples.push_back("baton " + text.name + " --state create.state" + text.of_file);
  auto& word = under.word(std::move(words), [given, of_file](const Context& context) {
    return of_file ? order_or_run(context, *given, *of_file) : order_job(context, given->order);
  });
  auto& uuid = add_job(word, given->order.uuid);
  if (!of_file) uuid.required();
  if (of_file)
    word.option("--state", given->run.state, "the run of this state file, instead of a job of the cluster")
        .are(Values::File);
  word.option("--reason", given->order.reason, "why, for the job's history");
  word.option("--why", given->order.reason, "the same as --reason").hidden();
  word.option("--who", given->order.who, "who asks; user@host if missing");
  add_dry_run(word, given->order.dry_run);
  word.flag("--wait,-w", given->order.wait, "follow the job until it is done");
  if (of_file) add_run_options(word, given->run);
  return {word, given};
}

OrderWord add_run_order(Word& under, const OrderText& text, const Local::Run* of_file = nullptr) {
  auto made = add_order(under, text, of_file);
  made.word.option("--run", made.given->order.run, "only if that is the job's last run").positive();
  return made;
}

OrderWord add_atom_order(Word& under, const OrderText& text) {
  auto made = add_run_order(under, text);
  made.word.argument("atom", made.given->order.atom, "its name (see: baton show)").required();
  return made;
}

void add_orders_of_runs(Word& under, const Local& local) {
  const auto rerun =
      add_run_order(under,
                    {"rerun", "run a job that has ended, or a state file, again: what succeeded is kept",
                     "--reason cleaned-up --wait", " --anew --reason cleaned-up"},
                    &local.rerun);
  rerun.word.flag("--anew", rerun.given->order.anew, "keep nothing: all runs again");
  add_atom_order(under,
                 {"retry", "run a job that has ended again, for an atom that failed, or whose revert did",
                  "create-a --reason repaired --wait"});
  add_atom_order(
      under,
      {"skip", "run a job that has ended again, without an atom; or without its revert, if that failed",
       "create-a --reason not-needed --wait"});
  const auto done = add_atom_order(
      under, {"done", "run a job that has ended again, but for an atom whose work a person has done",
              "create-a --result '{\"id\": \"srv-7\"}' --reason by-hand --wait"});
  done.word.option("--result", done.given->order.result,
                   "what it would have returned, as JSON; null if missing");
}

}  // namespace

void add_order_words(Word& under, const Local& local) {
  add_order(under, {"suspend", "start nothing more of a job; what runs ends and is recorded",
                    "--reason maintenance --wait"});
  add_order(under, {"resume", "let a suspended job, or the run of a state file, go on", "--reason repaired"},
            &local.resume);
  const auto cancel = add_order(under, {"cancel", "end a job: what runs is ended, what was done is reverted",
                                        "--reason mistake --wait"});
  cancel.word.flag("--keep", cancel.given->order.keep, "revert nothing: what was done is kept");
  add_orders_of_runs(under, local);
}

}  // namespace baton::client
