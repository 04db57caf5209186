#include "client/command/flow_files.h"

#include <ostream>
#include <set>

#include "client/command/asking.h"
#include "client/command/parameter_text.h"
#include "client/command/printing.h"
#include "client/command/refusal.h"
#include "client/command/stored_flows.h"
#include "client/command/terminal_text.h"
#include "common/model/name_list.h"
#include "flowfile/disk.h"
#include "flowfile/limits.h"
#include "flowfile/schema.h"

namespace baton::client {
namespace {

namespace json = boost::json;

json::array errors_of(const flowfile::Problems& problems) {
  json::array errors;
  for (const auto& [at, what, hint] : problems) {
    if (errors.size() == flowfile::kProblemsMax) break;
    json::object error{{"file", at.source ? at.source->path : ""}, {"detail", what}};
    if (at.line > 0) error["line"] = at.line, error["column"] = at.column;
    if (!hint.empty()) error["hint"] = hint;
    errors.push_back(std::move(error));
  }
  return errors;
}

json::object about(const flowfile::Compiled& compiled) {
  std::size_t tasks = 0;
  const auto& plan = *compiled.plan;
  for (AtomIndex atom = 0; atom < plan.size(); ++atom) tasks += plan.kind(atom) == engine::AtomKind::Task;
  return {{"file", compiled.about.path},
          {"flow", compiled.about.name},
          {"tasks", tasks},
          {"retries", plan.size() - tasks}};
}

/// Only its form could be looked at.
json::object about(const flowfile::About& file) {
  json::array missing;
  for (const auto& parameter : file.parameters)
    if (parameter.required) missing.emplace_back(parameter.name);
  return {{"file", file.path}, {"flow", file.name}, {"missing_parameters", std::move(missing)}};
}

void print_about(std::ostream& out, const json::object& told) {
  const auto shown = for_terminal(json::value(told));
  const auto& about = shown.get_object();
  out << std::string(about.at("file").as_string()) << ": " << std::string(about.at("flow").as_string());
  if (const auto* missing = about.if_contains("missing_parameters")) {
    std::string names;
    for (const auto& name : missing->as_array()) names += " --param " + std::string(name.as_string()) + "=…";
    out << " is well formed; to look at what it means give" << names << "\n";
    return;
  }
  out << " is good: " << counted(about.at("tasks").to_number<std::int64_t>(), "task");
  if (const auto retries = about.at("retries").to_number<std::int64_t>(); retries > 0)
    out << ", " << counted(retries, "retry", "retries");
  out << "\n";
}

/// What the command's words say; or how it ended.
std::variant<flowfile::Given, Ended> given_by(const Context& context,
                                              const std::vector<std::string>& parameters,
                                              const std::vector<std::string>& store) {
  flowfile::Given given;
  given.parameters = parameters;
  const auto read = read_store(context, store);
  if (const auto* ended = std::get_if<Ended>(&read)) return *ended;
  auto symbols = symbols_of(std::get<json::object>(read));
  if (!symbols.ok()) return refuse_usage(context, "--store " + symbols.error());
  given.store = std::move(symbols).value();
  return given;
}

std::vector<std::string> types_of(const std::vector<ReadyWorker>& workers) {
  std::set<std::string> types;
  for (const auto& worker : workers) types.insert(worker.task_types.begin(), worker.task_types.end());
  return {types.begin(), types.end()};
}

/// A stored one is told by its name and version, not by the name that its file has had.
json::object labelled(json::object about, const std::string& path, const std::string& label) {
  if (label != path) about["file"] = label;
  return about;
}

/// One file: what it is, or how it ended.
std::variant<json::object, Ended> validate(const Context& context, const FlowFileOptions& options,
                                           const std::string& named,
                                           const std::vector<ReadyWorker>& workers) {
  const auto given = given_by(context, options.parameters, options.store);
  if (const auto* ended = std::get_if<Ended>(&given)) return *ended;
  const auto text = find_flow_text(context, named);
  if (const auto* ended = std::get_if<Ended>(&text)) return *ended;
  const auto& [file, label, read] = std::get<FlowText>(text);
  const auto compiled = flowfile::compile_file(file, std::get<flowfile::Given>(given), read);
  if (!compiled.ok()) {
    if (!options.parameters.empty()) return refuse_flow_file(context, compiled.error());
    const auto checked = flowfile::check_file(file, read);
    if (checked.ok() && !checked->needs_nothing()) return labelled(about(*checked), file, label);
    return refuse_flow_file(context, compiled.error());
  }
  const auto& good = *compiled;
  const auto types = types_of(workers);
  if (const auto problems = flowfile::unknown_types(good, types); options.workers && !problems.empty())
    return refuse_flow_file(context, problems);
  return labelled(about(good), file, label);
}

}  // namespace

Ended refuse_flow_file(const Context& context, const flowfile::Problems& problems) {
  if (!context.json) return context.err << for_terminal(shown(problems)) << std::endl, Ended::Usage;
  json::object problem{{"type", "urn:baton:problem:bad-flow-file"},
                       {"title", "The flow file is refused"},
                       {"detail", problems.front().what},
                       {"errors", errors_of(problems)}};
  if (problems.size() > flowfile::kProblemsMax)
    problem["more_errors"] = problems.size() - flowfile::kProblemsMax;
  return print_problem(context, problem), Ended::Usage;
}

std::variant<json::object, Ended> read_store(const Context& context, const std::vector<std::string>& pairs) {
  for (const auto& pair : pairs)
    if (!is_pair(pair)) return refuse_usage(context, "'" + pair + "' is no NAME=VALUE");
  return read_pairs(pairs, {});
}

std::variant<flowfile::Compiled, Ended> compile_flow_file(const Context& context, const std::string& file,
                                                          const std::vector<std::string>& parameters,
                                                          const std::vector<std::string>& store) {
  return compile_flow_text(context, {file, file, flowfile::from_disk()}, parameters, store);
}

std::variant<flowfile::Compiled, Ended> compile_flow_text(const Context& context, const FlowText& text,
                                                          const std::vector<std::string>& parameters,
                                                          const std::vector<std::string>& store) {
  const auto given = given_by(context, parameters, store);
  if (const auto* ended = std::get_if<Ended>(&given)) return *ended;
  auto compiled = flowfile::compile_file(text.path, std::get<flowfile::Given>(given), text.read);
  if (!compiled.ok()) return refuse_flow_file(context, compiled.error());
  return std::move(compiled).value();
}

std::variant<flowfile::Compiled, Ended> compile_named_flow(const Context& context,
                                                           const FlowFileOptions& options) {
  const auto text = find_flow_text(context, options.files.front());
  if (const auto* ended = std::get_if<Ended>(&text)) return *ended;
  return compile_flow_text(context, std::get<FlowText>(text), options.parameters, options.store);
}

std::variant<std::vector<ReadyWorker>, Ended> ready_workers(const Context& context) {
  const auto asked = ask(context, "/v1/workers", "workers");
  if (const auto* ended = std::get_if<Ended>(&asked)) return *ended;
  std::vector<ReadyWorker> workers;
  const auto& answer = std::get<Answer>(asked);
  const auto ended = read(context, answer, [&](const json::value& body) {
    for (const auto& worker : body.at("workers").as_array()) {
      if (text_of(worker, "state") != "READY") continue;
      auto& ready =
          workers.emplace_back(ReadyWorker{text_of(worker, "name"), texts_of(worker.at("task_types")), {}});
      for (const auto& [label, value] : worker.at("labels").as_object())
        ready.labels.emplace(std::string(label), std::string(value.as_string()));
    }
  });
  if (ended != Ended::Success) return ended;
  return workers;
}

Ended validate_flow_files(const Context& context, const FlowFileOptions& options) {
  std::vector<ReadyWorker> workers;
  if (options.workers) {
    auto asked = ready_workers(context);
    if (const auto* ended = std::get_if<Ended>(&asked)) return *ended;
    workers = std::get<std::vector<ReadyWorker>>(std::move(asked));
  }
  auto ended = Ended::Success;
  for (const auto& file : options.files) {
    const auto done = validate(context, options, file, workers);
    if (const auto* refused = std::get_if<Ended>(&done))
      ended = *refused;
    else if (context.json)
      print_value(context, std::get<json::object>(done));
    else
      print_about(context.out, std::get<json::object>(done));
  }
  return ended;
}

Ended print_flow_schema(const Context& context) {
  if (context.yaml)
    print_json(context, flowfile::schema_text());
  else
    context.out << flowfile::schema_text() << std::flush;
  return Ended::Success;
}

}  // namespace baton::client
