#include "client/command/commands.h"
#include "client/command/flow_files.h"
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
  auto& files = word.arguments("file", given->files, "a flow file (YAML, or JSON if it ends in .json)");
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
                     .examples = {"baton flow plan create-cluster.yaml --workers"}},
                    plan_flow_file, false);
  plan.word.flag("--workers", plan.given->workers, "also ask which workers can run each task now");
}

}  // namespace

void add_flow_words(Word& baton) {
  auto& flow =
      baton.group({.name = "flow",
                   .about = "flows: validate, graph, plan, schema of files; list, show of registered ones",
                   .examples = {"baton flow validate create-cluster.yaml"}});
  add_file_words(flow);
  flow.word({.name = "schema",
             .about = "the JSON Schema of flow files, for editors",
             .examples = {"baton flow schema"}},
            [](const Context& context) { return print_flow_schema(context); });
  flow.word(
      {.name = "list", .about = "the flows that can be posted by name", .examples = {"baton flow list"}},
      [](const Context& context) { return list_flows(context); });
  auto name = std::make_shared<std::string>();
  flow.word({.name = "show", .about = "a flow's parameters", .examples = {"baton flow show create-cluster"}},
            [name](const Context& context) { return show_flow(context, *name); })
      .argument("name", *name, "a registered flow")
      .are(Values::Flow)
      .required();
}

}  // namespace baton::client
