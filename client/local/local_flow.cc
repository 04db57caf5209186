#include "client/local/local_flow.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <filesystem>

#include "client/command/parameter_text.h"
#include "common/model/name_list.h"
#include "flowfile/disk.h"

namespace baton::client {
namespace {

namespace json = boost::json;

/// Two FNV-1a sums with different beginnings: tells flows apart, and nothing more is asked of it.
std::string digest_of(std::string_view text) {
  std::uint64_t sums[2] = {14'695'981'039'346'656'037U, 1'099'511'628'211U};
  for (const char letter : text)
    for (auto& sum : sums) sum = (sum ^ static_cast<unsigned char>(letter)) * 1'099'511'628'211U;
  char hex[33];
  std::snprintf(hex, sizeof hex, "%016lx%016lx", sums[0], sums[1]);
  return hex;
}

std::string digested(const Value& flow, const engine::Symbols& symbols) {
  std::string text(flow.json());
  for (const auto& [symbol, value] : symbols) text.append("\n" + symbol + "=").append(value.json());
  return digest_of(text);
}

/// Declared types of a module's flow, by name of the parameter.
json::object types_of(const conductor::CatalogueEntry& flow) {
  json::object types;
  const auto declared = flow.parameters.tree();
  if (!declared.is_array()) return types;
  for (const auto& parameter : declared.get_array())
    types[text_of(parameter, "name")] = text_of(parameter, "type");
  return types;
}

}  // namespace

Result<LocalFlow, std::string> compile_value(const Value& flow, const engine::Symbols& symbols) {
  const auto spec = engine::read_flow(flow);
  if (!spec.ok()) return Fail(spec.error().message);
  auto plan = engine::compile(*spec, symbols);
  if (!plan.ok()) return Fail(plan.error().message);
  auto details = Value::from(json::object{
      {"flow_file", {{"name", spec->name}, {"digest", digested(engine::write_flow(*spec), symbols)}}}});
  return LocalFlow{spec->name, std::move(plan).value(), std::move(details).value()};
}

Result<Value, std::string> build_module_flow(const std::string& name,
                                             const std::vector<std::string>& parameters,
                                             conductor::ModuleCatalogue& catalogue) {
  std::vector<std::string> known;
  for (const auto& entry : catalogue.entries()) {
    known.push_back(entry.name);
    if (entry.name != name) continue;
    const auto given = Value::from(read_pairs(parameters, types_of(entry)));
    if (!given.ok()) return Fail("--param: " + given.error().message);
    auto built = catalogue.build(name, Value::from_stored("[]"), given.value());
    if (!built.ok()) return Fail(built.error().message);
    return std::move(built).value();
  }
  return Fail("there is no file '" + name + "', and no module here has a flow of that name; known: " +
              (known.empty() ? "none" : name_list(known)) +
              "\n  hint: name a file, or load the module that has the flow with --module");
}

Result<Value, std::string> read_flow_file(const std::string& path, const std::vector<std::string>& parameters,
                                          const engine::Symbols& symbols) {
  flowfile::Given given;
  given.parameters = parameters;
  given.store = symbols;
  auto compiled = flowfile::compile_file(path, given, flowfile::from_disk());
  if (!compiled.ok()) return Fail(shown(compiled.error()));
  return std::move(compiled).value().flow;
}

Result<LocalFlow, std::string> compile_local(const RunOptions& options,
                                             conductor::ModuleCatalogue& catalogue) {
  for (const auto* texts : {&options.parameters, &options.store})
    for (const auto& text : *texts)
      if (!is_pair(text)) return Fail("'" + text + "' is no NAME=VALUE");
  const auto symbols = symbols_of(read_pairs(options.store, {}));
  if (!symbols.ok()) return Fail("--store " + symbols.error());
  std::error_code code;
  const auto flow = std::filesystem::exists(options.flow, code)
                        ? read_flow_file(options.flow, options.parameters, *symbols)
                        : build_module_flow(options.flow, options.parameters, catalogue);
  if (!flow.ok()) return Fail(flow.error());
  return compile_value(flow.value(), symbols.value());
}

}  // namespace baton::client
