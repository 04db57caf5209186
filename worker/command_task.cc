#include "worker/command_task.h"

#include <utility>

#include "worker/command_answer.h"
#include "worker/request_json.h"

namespace baton::worker {
namespace {

Failure command_failed(std::string message) {
  return Failure::make(std::string(failure_type::kCommandFailed), std::move(message));
}

}  // namespace

Result<CommandSpec, std::string> CommandTask::spec_for(const Value& arguments) const {
  if (const auto* spec = std::get_if<CommandSpec>(&what_)) return *spec;
  const auto tree = arguments.tree();
  if (!tree.is_object()) return Fail(std::string("the arguments are no object"));
  auto spec = CommandSpec::read(tree.get_object(), false);
  if (!spec.ok()) return spec;
  auto refused = std::get<AllowedPrograms>(what_).why_not(*spec);
  if (!refused.empty()) return Fail(std::move(refused));
  return spec;
}

TaskOutcome CommandTask::run(const wire::Request& request, TaskControl& control) const {
  const auto spec = spec_for(request.arguments);
  if (!spec.ok()) return command_failed("task type 'command': " + spec.error());
  const bool revert = request.delivery.intention == Intention::Revert;
  if (revert && spec->revert_argv.empty()) return Value();

  CommandRun run;
  run.argv = revert ? spec->revert_argv : spec->argv;
  run.env = spec->env;
  run.env["BATON_IDEMPOTENCY_KEY"] = request.delivery.key().to_string();
  run.env["BATON_FLOW"] = request.delivery.flow.value.to_string();
  run.env["BATON_ATOM"] = request.delivery.atom;
  run.env["BATON_DISPATCH"] = std::to_string(request.delivery.dispatch);
  run.env["BATON_ATTEMPT"] = std::to_string(request.delivery.attempt);
  run.cwd = spec->cwd;
  run.input = command_json(request);
  run.timeout = spec->timeout.value_or(Millis{0});
  const auto end = launcher_.run(run, control);
  if (!end.ok())
    return command_failed(end.error() + "\n  hint: baton-command-guard belongs beside baton-worker");
  return answer_of(run, end.value(), spec->text_result);
}

}  // namespace baton::worker
