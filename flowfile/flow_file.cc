#include "flowfile/flow_file.h"

#include <algorithm>

#include "flowfile/expander.h"
#include "flowfile/files.h"
#include "flowfile/form_check.h"
#include "flowfile/json_reader.h"
#include "flowfile/meaning_check.h"
#include "flowfile/wording.h"

namespace baton::flowfile {
namespace {

/// In the order of the text, each once: a for_each tells what is wrong inside as often as it repeats it. The
/// file that people named comes first, then those that it includes, in the order in which they told
/// something.
Problems in_order(Problems problems, const std::string& path) {
  std::map<std::string, std::size_t> sources{{path, 0}};
  const auto source_of = [](const Problem& problem) {
    return problem.at.source ? problem.at.source->path : "";
  };
  for (const Problem& problem : problems) sources.emplace(source_of(problem), sources.size());
  const auto key = [&](const Problem& problem) {
    return std::tuple(sources.at(source_of(problem)), problem.at.line, problem.at.column);
  };
  std::stable_sort(problems.begin(), problems.end(),
                   [&](const Problem& a, const Problem& b) { return key(a) < key(b); });
  const auto same = [&](const Problem& a, const Problem& b) { return key(a) == key(b) && a.what == b.what; };
  problems.erase(std::unique(problems.begin(), problems.end(), same), problems.end());
  return problems;
}

About about(const File& file) {
  About about;
  about.path = file.path;
  if (const Node* name = file.root.find("name")) about.name = name->text;
  if (const Node* description = file.root.find("description")) about.description = description->text;
  for (const Declared& declared : file.parameters) about.parameters.push_back(declared.about);
  return about;
}

/// Given values are JSON from elsewhere: their mistakes are told at the parameter's name.
Node node_of(const std::string& name, const Value& value) {
  const auto source = std::make_shared<const Source>(Source{"parameter " + name, std::string(value.json())});
  Problems none;
  return read_json(source, none).value_or(Node{});
}

void bind(const File& file, const Given& given, Scope& scope, Problems& problems) {
  Binding binding(file.parameters, Place{file.root.at.source, 0, 0}, scope, problems);
  for (const auto& [name, value] : given.values) {
    Node node = node_of(name, value);
    const Place at = node.at;
    binding.give(name, std::move(node), at);
  }
  for (const std::string& text : given.parameters) binding.give_text(text);
  binding.fill_in();
}

/// Goes on as far as it can, so that all that is wrong is found.
void compile_whole(const Files& files, const File& file, const Given& given, const Bounds& bounds,
                   Problems& problems, Compiled& compiled) {
  Scope scope;
  bind(file, given, scope, problems);
  if (!files.whole()) return;
  const auto before = problems.size();
  Expander expander(files, problems, bounds);
  const Node flow = expander.expand(file, scope);
  if (expander.stopped()) return;
  if (!check_form(flow, Stage::Expanded, problems)) return;
  const NameIndex names(flow, problems);
  compiled.atoms = names.atoms();
  compiled.task_types = names.task_types();
  if (problems.size() > before || !files.named()) return;
  auto json = Value::parse(to_json(flow), kAtomsPerFlowMax * kKiB);
  if (!json.ok() && !problems.empty()) return;  // what it is has been told, with its place
  if (!json.ok())
    return problems.push_back({flow.at, "the flow cannot be posted: " + json.error().message, ""});
  compiled.flow = std::move(json).value();
  const auto refuse = [&](const engine::FlowError& error) {
    for (Problem& problem : names.problems_of(error)) problems.push_back(std::move(problem));
  };
  auto spec = engine::read_flow(compiled.flow);
  if (!spec.ok() && !problems.empty()) return;  // as above
  if (!spec.ok()) return refuse(spec.error());
  compiled.spec = std::move(spec).value();
  auto plan = engine::compile(compiled.spec, given.store);
  if (!plan.ok()) return refuse(plan.error());
  compiled.plan = std::move(plan).value();
}

}  // namespace

bool About::needs_nothing() const {
  return std::none_of(parameters.begin(), parameters.end(),
                      [](const Parameter& parameter) { return parameter.required; });
}

Result<Compiled, Problems> compile_file(const std::string& path, const Given& given, const ReadText& read,
                                        const Bounds& bounds) {
  Problems problems;
  Files files(read, problems, bounds);
  Compiled compiled;
  if (const File* file = files.load(path)) {
    compiled.about = about(*file);
    compile_whole(files, *file, given, bounds, problems, compiled);
  }
  if (!problems.empty()) return Fail(in_order(std::move(problems), path));
  return compiled;
}

Result<About, Problems> check_file(const std::string& path, const ReadText& read, const Bounds& bounds) {
  Problems problems;
  Files files(read, problems, bounds);
  const File* file = files.load(path);
  Compiled compiled;
  if (file) compiled.about = about(*file);
  if (file && compiled.about.needs_nothing()) compile_whole(files, *file, {}, bounds, problems, compiled);
  if (!problems.empty()) return Fail(in_order(std::move(problems), path));
  return std::move(compiled.about);
}

Result<About, Problems> describe_file(const std::string& path, const ReadText& read, const Bounds& bounds) {
  Problems problems;
  Files files(read, problems, bounds);
  const File* file = files.load(path);
  if (!problems.empty()) return Fail(in_order(std::move(problems), path));
  return about(*file);
}

Result<std::map<std::string, Value>, Problems> read_parameters(const std::string& path,
                                                               const std::vector<std::string>& texts,
                                                               const ReadText& read) {
  Problems problems;
  Files files(read, problems);
  const File* file = files.load(path);
  Scope scope;
  std::map<std::string, Value> values;
  if (file) {
    Binding binding(file->parameters, Place{file->root.at.source, 0, 0}, scope, problems);
    for (const std::string& text : texts) binding.give_text(text);
  }
  if (!problems.empty()) return Fail(in_order(std::move(problems), path));
  for (const Declared& declared : file->parameters)
    if (const Node* given = scope.find(declared.about.name))
      values.emplace(declared.about.name, Value::from_stored(to_json(*given)));
  return values;
}

ReadText read_once(ReadText read) {
  using Read = std::map<std::string, Result<std::string, std::string>>;
  return [read = std::move(read), known = std::make_shared<Read>()](const std::string& path) {
    const auto found = known->find(path);
    return found != known->end() ? found->second : known->emplace(path, read(path)).first->second;
  };
}

Problems unknown_types(const Compiled& compiled, std::span<const std::string> known) {
  Problems problems;
  for (const auto& [type, at] : compiled.task_types)
    if (std::find(known.begin(), known.end(), type) == known.end())
      problems.push_back({at, "nobody runs tasks of type " + in_quotes(type), known_hint(type, known)});
  return in_order(std::move(problems), compiled.about.path);
}

}  // namespace baton::flowfile
