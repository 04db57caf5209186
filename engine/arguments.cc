#include "engine/arguments.h"

#include <algorithm>

namespace baton::engine {
namespace {

constexpr std::string_view kValues = "values";

bool is_values(const Argument& argument) {
  return argument.name == kValues;
}

using Rebind = std::map<std::string, std::string>;

/// An argument named in both takes the rebound symbol.
std::vector<Argument> joined(const std::vector<std::string>& requirements, const Rebind& rebind) {
  std::vector<Argument> arguments;
  arguments.reserve(requirements.size() + rebind.size());
  for (const std::string& name : requirements)
    if (rebind.empty() || !rebind.contains(name)) arguments.push_back({name, name});
  for (const auto& [name, symbol] : rebind) arguments.push_back({name, symbol});
  return arguments;
}

void add_symbols(std::vector<std::string_view>& symbols, const std::vector<Argument>& arguments) {
  for (const Argument& argument : arguments) symbols.push_back(argument.symbol);
}

std::vector<std::string_view> each_once(std::vector<std::string_view> symbols) {
  std::sort(symbols.begin(), symbols.end());
  symbols.erase(std::unique(symbols.begin(), symbols.end()), symbols.end());
  return symbols;
}

}  // namespace

std::vector<Argument> arguments_of(const TaskSpec& task, Intention intention) {
  const bool own_list = intention == Intention::Revert && !task.revert_requirements.empty();
  return own_list ? joined(task.revert_requirements, task.rebind) : joined(task.requirements, task.rebind);
}

std::vector<Argument> arguments_of(const RetrySpec& retry) {
  auto arguments = joined(retry.requirements, retry.rebind);
  const bool has_values = std::any_of(arguments.begin(), arguments.end(), is_values);
  if (retry.policy == RetryPolicy::ParameterizedForEach && !has_values)
    arguments.push_back({kValues, kValues});
  return arguments;
}

std::string_view values_symbol(const RetrySpec& retry) {
  const auto found = retry.rebind.find(std::string(kValues));
  return found == retry.rebind.end() ? kValues : std::string_view(found->second);
}

std::vector<std::string_view> needs_of(const TaskSpec& task) {
  std::vector<std::string_view> symbols;
  add_symbols(symbols, arguments_of(task, Intention::Execute));
  if (!task.revert_requirements.empty()) add_symbols(symbols, arguments_of(task, Intention::Revert));
  std::erase_if(symbols, [&](std::string_view symbol) { return task.inject.contains(std::string(symbol)); });
  return each_once(std::move(symbols));
}

std::vector<std::string_view> needs_of(const RetrySpec& retry) {
  std::vector<std::string_view> symbols;
  add_symbols(symbols, arguments_of(retry));
  return each_once(std::move(symbols));
}

}  // namespace baton::engine
