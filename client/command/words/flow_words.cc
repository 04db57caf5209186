#include "client/command/commands.h"
#include "client/command/flow_files.h"
#include "client/command/stored_flows.h"
#include "client/command/words/rooms.h"

namespace baton::client {
namespace {

struct FileWord {
  Word& word;
  std::shared_ptr<FlowFileOptions> given;
};

/// A word about one flow file, or several.
FileWord add_file_word(Word& flow, const Word::Text& text,
                       Ended (*run)(const Context&, const FlowFileOptions&), bool several) {
  auto given = std::make_shared<FlowFileOptions>();
  auto& word = flow.word(text, [given, run](const Context& context) { return run(context, *given); });
  auto& files = word.arguments(
      "file", given->files,
      "a flow file (YAML, or JSON if it ends in .json), or a stored one: NAME or NAME@VERSION");
  files.are(Values::File).required();
  if (!several) files.single();
  add_flow_values(word, given->parameters, given->store);
  return {word, given};
}

void add_file_words(Word& flow) {
  const auto validate =
      add_file_word(flow,
                    {.name = "validate",
                     .about = "tells all that is wrong with flow files, each with its line; exit code 2",
                     .examples = {"baton flow validate create-cluster.yaml"}},
                    validate_flow_files, true);
  validate.word.flag("--workers", validate.given->workers,
                     "also ask whether somebody runs each type of task");
  const auto graph = add_file_word(flow,
                                   {.name = "graph",
                                    .about = "draws what a flow file says",
                                    .examples = {"baton flow graph create-cluster.yaml --format mermaid"}},
                                   draw_flow_file, false);
  graph.word.option("--format", graph.given->format, "svg needs graphviz")
      .one_of({"ascii", "dot", "mermaid", "svg"});
  const auto plan =
      add_file_word(flow,
                    {.name = "plan",
                     .about = "what a flow file will do: in which order, at once, what reverts what",
                     .examples = {"baton flow plan create-cluster.yaml --workers",
                                  "baton flow plan create-cluster@2 --param nodes=a,b"}},
                    plan_flow_file, false);
  plan.word.flag("--workers", plan.given->workers, "also ask which workers can run each task now");
}

void add_put(Word& flow) {
  auto given = std::make_shared<PutOptions>();
  auto& put = flow.word(
      {.name = "put",
       .about = "stores a flow file, with all that it includes, as the next version of its name",
       .examples = {"baton flow put create-cluster.yaml --reason 'servers in parallel'",
                    "baton flow put create-cluster.yaml --if-version 3 --dry-run"},
       .details =
           "Versions are numbered from 1 on; none is ever changed or taken away. The newest content again is "
           "the same version. Jobs keep the version that they were posted with, in every run."},
      [given](const Context& context) { return put_flow_file(context, *given); });
  put.argument("file", given->file, "a flow file (YAML, or JSON if it ends in .json)")
      .are(Values::File)
      .required();
  put.option("--name", given->name, "under which name; the flow's if missing");
  put.option("--reason", given->why, "why, for the list of versions");
  put.option("--who", given->who, "who puts it; user@host if missing");
  put.option("--if-version", given->if_version,
             "only if that is the newest version; 0: only if there is none yet")
      .between(0, 1'000'000);
  put.flag("--dry-run", given->dry_run, "only say what would be done");
}

void add_diff(Word& flow) {
  auto given = std::make_shared<FlowDiffOptions>();
  auto& diff = flow.word(
      {.name = "diff",
       .about = "what another version, or a file, says otherwise; exit code 1: they differ",
       .examples = {"baton flow diff create-cluster@1 create-cluster@2 --param nodes=a,b",
                    "baton flow diff create-cluster create-cluster.yaml"},
       .details = "The texts line by line, then what becomes of the flow: tasks, retries and flows that are "
                  "added (+), "
                  "removed (-) or changed (~). That needs values for the parameters that must be given."},
      [given](const Context& context) { return diff_flows(context, *given); });
  const std::string either = "a flow file, or a stored one: NAME or NAME@VERSION";
  diff.argument("before", given->before, either).are(Values::Flow).required();
  diff.argument("after", given->after, either).are(Values::Flow).required();
  add_flow_values(diff, given->parameters, given->store);
}

void add_list(Word& flow) {
  auto name = std::make_shared<std::string>();
  flow.word({.name = "list",
             .about = "the flows that can be posted by name: registered ones and stored flow files",
             .examples = {"baton flow list", "baton flow list create-cluster    # its versions"}},
            [name](const Context& context) { return list_flows(context, *name); })
      .argument("name", *name, "a stored flow file: all its versions")
      .are(Values::Flow);
}

void add_show(Word& flow) {
  auto name = std::make_shared<std::string>();
  flow.word({.name = "show",
             .about = "a registered flow's parameters, or a stored flow file's text",
             .examples = {"baton flow show create-cluster", "baton flow show create-cluster@2"}},
            [name](const Context& context) { return show_flow(context, *name); })
      .argument("name", *name, "a registered flow, or a stored one: NAME or NAME@VERSION")
      .are(Values::Flow)
      .required();
}

}  // namespace

void add_flow_words(Word& baton) {
  auto& flow = baton.group(
      {.name = "flow",
       .about = "flows: validate, graph, plan, schema of files; put, list, show, diff of stored ones",
       .examples = {"baton flow validate create-cluster.yaml"}});
  add_file_words(flow);
  flow.word({.name = "schema",
             .about = "the JSON Schema of flow files, for editors",
             .examples = {"baton flow schema"}},
            [](const Context& context) { return print_flow_schema(context); });
  add_put(flow);
  add_list(flow);
  add_show(flow);
  add_diff(flow);
}

}  // namespace baton::client
