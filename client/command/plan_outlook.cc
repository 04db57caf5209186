#include "client/command/plan_outlook.h"

#include <algorithm>
#include <ostream>

#include "client/command/flow_files.h"
#include "client/command/table.h"
#include "client/command/terminal_text.h"
#include "common/model/name_list.h"
#include "flowfile/outlook.h"

namespace baton::client {
namespace {

namespace json = boost::json;

using engine::AtomKind;
using Atoms = std::vector<AtomIndex>;

bool can_run(const ReadyWorker& worker, const engine::TaskSpec& task) {
  const auto& types = worker.task_types;
  if (std::find(types.begin(), types.end(), task.type) == types.end()) return false;
  return std::all_of(task.labels.begin(), task.labels.end(), [&](const auto& label) {
    const auto found = worker.labels.find(label.first);
    return found != worker.labels.end() && found->second == label.second;
  });
}

/// What there is to say of a plan; as JSON, which people see as a table.
class ToldPlan {
 public:
  ToldPlan(const engine::Plan& plan, const std::vector<ReadyWorker>* workers)
      : plan_(plan), outlook_(plan_), workers_(workers) {}

  json::object told() const {
    const auto steps = outlook_.steps();
    json::array tasks, retries, irreversible;
    std::size_t width = 0;
    for (std::size_t step = 0; step < steps.size(); ++step) {
      width = std::max(width, steps[step].size());
      for (const AtomIndex atom : steps[step]) tasks.push_back(task(atom, step + 1));
    }
    for (AtomIndex atom = 0; atom < plan_.size(); ++atom) {
      if (plan_.kind(atom) == AtomKind::Retry)
        retries.push_back(retry(atom));
      else if (plan_.task(atom).irreversible)
        irreversible.push_back(
            json::object{{"task", plan_.name(atom)}, {"kept", names(outlook_.tasks_before(atom))}});
    }
    return {{"flow", plan_.flow_name()},
            {"steps", steps.size()},
            {"width", width},
            {"tasks", std::move(tasks)},
            {"retries", std::move(retries)},
            {"irreversible", std::move(irreversible)}};
  }

 private:
  json::array names(const Atoms& atoms) const {
    json::array names;
    for (const AtomIndex atom : atoms) names.emplace_back(plan_.name(atom));
    return names;
  }

  json::value asked(AtomIndex atom) const {
    const AtomIndex retry = outlook_.asked_by(atom);
    return retry == kNoAtom ? json::value() : json::value(plan_.name(retry));
  }

  json::object task(AtomIndex atom, std::size_t step) const {
    const auto& spec = plan_.task(atom);
    json::object task{{"step", step},
                      {"name", spec.name},
                      {"type", spec.type},
                      {"asked", asked(atom)},
                      {"irreversible", spec.irreversible}};
    if (!workers_) return task;
    json::array fitting;
    for (const auto& worker : *workers_)
      if (can_run(worker, spec)) fitting.emplace_back(worker.name);
    task["workers"] = std::move(fitting);
    return task;
  }

  json::object retry(AtomIndex atom) const {
    const auto& spec = plan_.retry(atom);
    const auto json = engine::write_flow(
        {.name = "f", .pattern = {}, .retry = spec, .nodes = {}, .links = {}, .description = {}});
    return {{"name", spec.name},
            {"policy", json.tree().at("retry").at("policy")},
            {"attempts", spec.attempts},
            {"reverts", names(outlook_.reverted_by(atom))},
            {"revert_all", spec.revert_all || spec.policy == engine::RetryPolicy::AlwaysRevertAll},
            {"asked", asked(atom)}};
  }

  const engine::Plan& plan_;
  const flowfile::Outlook outlook_;
  const std::vector<ReadyWorker>* workers_;
};

std::string text(const json::value& value) {
  return std::string(value.as_string());
}

std::string if_it_fails(const json::value& task) {
  return task.at("asked").is_null() ? "all is reverted" : "ask " + text(task.at("asked"));
}

void print_tasks(std::ostream& out, const json::array& tasks, bool with_workers) {
  std::vector<std::string> header{"STEP", "TASK", "TYPE", "IF IT FAILS"};
  if (with_workers) header.emplace_back("CAN RUN ON");
  std::vector<std::vector<std::string>> rows;
  for (const auto& task : tasks) {
    rows.push_back({std::to_string(task.at("step").to_number<std::size_t>()),
                    text(task.at("name")) + (task.at("irreversible").as_bool() ? " (irreversible)" : ""),
                    text(task.at("type")), if_it_fails(task)});
    if (with_workers)
      rows.back().push_back(task.at("workers").as_array().empty() ? "NOBODY"
                                                                  : name_list(texts_of(task.at("workers"))));
  }
  print_table(out, header, rows);
}

std::string then(const json::value& retry) {
  if (retry.at("revert_all").as_bool() || retry.at("asked").is_null()) return "all is reverted";
  return text(retry.at("asked")) + " is asked";
}

std::string tries(const json::value& retry) {
  const auto policy = text(retry.at("policy"));
  const auto attempts = retry.at("attempts").to_number<std::uint64_t>();
  if (policy == "times" && attempts > 1)
    return "tries again, at most " + std::to_string(attempts) + " attempts; then ";
  if (policy == "times" || policy.starts_with("always_revert")) return "then ";
  return "tries again (" + policy + "); then ";
}

}  // namespace

json::object plan_outlook(const engine::Plan& plan, const std::vector<ReadyWorker>* workers) {
  return ToldPlan(plan, workers).told();
}

void print_outlook(std::ostream& out, const json::object& told, bool with_workers) {
  const auto shown = for_terminal(json::value(told));
  const auto& outlook = shown.get_object();
  const auto& tasks = outlook.at("tasks").as_array();
  out << text(outlook.at("flow")) << ": " << counted(static_cast<std::int64_t>(tasks.size()), "task")
      << " in " << counted(outlook.at("steps").to_number<std::int64_t>(), "step") << ", at most "
      << outlook.at("width").to_number<std::size_t>() << " at once, if each takes as long as the others\n";
  print_tasks(out, tasks, with_workers);
  for (const auto& retry : outlook.at("retries").as_array())
    out << text(retry.at("name")) << " reverts " << name_list(texts_of(retry.at("reverts"))) << "; "
        << tries(retry) << then(retry) << "\n";
  for (const auto& task : outlook.at("irreversible").as_array())
    out << "once " << text(task.at("task")) << " has succeeded a rollback stops there; it keeps "
        << name_list(texts_of(task.at("kept"))) << "\n";
}

}  // namespace baton::client
