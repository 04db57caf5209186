#include "conductor/modules/module_catalogue.h"

namespace baton::conductor {
namespace {

CatalogueError::Kind kind_of(modules::FlowRefusal::Kind refusal) {
  using Refusal = modules::FlowRefusal::Kind;
  switch (refusal) {
    case Refusal::UnknownFlow:
      return CatalogueError::Kind::UnknownFlow;
    case Refusal::UnknownParameter:
      return CatalogueError::Kind::UnknownParameter;
    case Refusal::Refused:
      return CatalogueError::Kind::Refused;
  }
  BATON_ASSERT(false);
}

using modules::ModuleSet;

/// As sdk/baton/module.h says, without its closing brace.
std::string open_call(const engine::RetryCall& call) {
  return "{\"retry\": " + quoted(call.retry) +
         ", \"parameters\": " + std::string(call.spec.parameters.json()) +
         ", \"arguments\": " + (call.arguments.is_null() ? "{}" : std::string(call.arguments.json())) +
         ", \"history\": " + std::string(to_value(call.history).json());
}

Failure no_answer(const engine::RetryCall& call, const Value& said) {
  return Failure::make(std::string(failure_type::kBadResult),
                       "policy '" + call.spec.user_policy + "' answered " +
                           std::string(said.json().substr(0, 80)) +
                           "; known: RETRY, REVERT, REVERT_ALL, SUSPEND");
}

}  // namespace

Result<void, std::string> ModuleCatalogue::load(const std::vector<std::string>& files) {
  for (const auto& file : files)
    if (auto loaded = modules_.load(file); !loaded.ok()) return Fail(loaded.error().message);
  return {};
}

Result<Value, CatalogueError> ModuleCatalogue::build(std::string_view name, const Value& args,
                                                     const Value& kwargs) {
  auto built = modules_.build_flow(name, args, kwargs);
  if (built.ok()) return built.value();
  return Fail(CatalogueError{kind_of(built.error().kind), built.error().message});
}

std::vector<CatalogueEntry> ModuleCatalogue::entries() const {
  std::vector<CatalogueEntry> all;
  for (const auto& flow : modules_.flows())
    all.push_back({flow.name, flow.description, flow.parameters, flow.module, flow.version});
  return all;
}

Result<Value, Failure> ModuleCatalogue::execute(const engine::RetryCall& call) const {
  auto said = modules_.ask_retry(call.spec.user_policy, ModuleSet::RetryQuestion::Execute,
                                 Value::from_stored(open_call(call) + "}"));
  if (auto* failure = std::get_if<Failure>(&said)) return Fail(std::move(*failure));
  return std::get<Value>(std::move(said));
}

Result<RetryAnswer, Failure> ModuleCatalogue::on_failure(const engine::RetryCall& call,
                                                         const std::string& failed,
                                                         const Failure& failure) const {
  const std::string json = open_call(call) + ", \"failed\": " + quoted(failed) +
                           ", \"failure\": " + std::string(failure.to_value().json()) + "}";
  auto said = modules_.ask_retry(call.spec.user_policy, ModuleSet::RetryQuestion::OnFailure,
                                 Value::from_stored(json));
  if (auto* refused = std::get_if<Failure>(&said)) return Fail(std::move(*refused));
  const Value& value = std::get<Value>(said);
  const auto tree = value.tree();
  const auto answer =
      tree.is_string() ? retry_answer_from(std::string_view(tree.get_string())) : std::nullopt;
  if (!answer) return Fail(no_answer(call, value));
  return *answer;
}

}  // namespace baton::conductor
