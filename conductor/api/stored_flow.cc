#include "conductor/api/stored_flow.h"

#include "common/model/json_view.h"
#include "conductor/api/json_text.h"
#include "flowfile/bundle.h"

namespace baton::api {
namespace {

std::map<std::string, Value> members_of(const Value& object) {
  std::map<std::string, Value> members;
  for (const auto& [name, value] : JsonView(object).members()) members.emplace(name, value.value());
  return members;
}

/// Posted twice it must be the same twice: nothing in it but what was asked for.
Value details_of(const StoredFlow& asked, std::uint32_t version, const Value& flow) {
  JsonText json;
  json.begin_object().key("flow_file").begin_object();
  json.member("name", asked.name).member("version", version).member("parameters", asked.parameters);
  json.end_object().member("flow", flow).member("store", asked.store).end_object();
  return Value::from_stored(json.take());
}

std::string title_of(const ports::FlowFileVersion& file) {
  return "The flow file " + file.name + "@" + std::to_string(file.version) +
         " cannot be posted with these parameters";
}

}  // namespace

std::variant<Value, Problem> write_out(const StoredFlow& asked, const ports::StoredFlowFile& file) {
  const auto bundle = flowfile::bundle_from(Value::from_stored(file.content).tree());
  if (!bundle.ok())
    return Problem{
        503, "store-version", "The flow file was stored by another version", bundle.error().what, {}, {}};
  flowfile::Given given;
  given.values = members_of(asked.parameters);
  given.store = members_of(asked.store);
  const auto compiled =
      flowfile::compile_file(bundle->main, given, flowfile::from_bundle(*bundle), flowfile::kServedBounds);
  if (!compiled.ok()) return bad_flow_file(title_of(file.about), compiled.error());
  return details_of(asked, file.about.version, compiled->flow);
}

bool same_stored(const StoredFlow& asked, const Value& details) {
  const JsonView there(details);
  if (there.kind() != JsonView::Kind::Object) return false;
  const auto file = there.at("flow_file"), store = there.at("store");
  if (!file || !store || file->kind() != JsonView::Kind::Object) return false;
  const auto name = file->at("name"), version = file->at("version"), parameters = file->at("parameters");
  if (!name || !version || !parameters || name->kind() != JsonView::Kind::String) return false;
  return name->text() == asked.name && (asked.version == 0 || version->integer() == asked.version) &&
         parameters->value().tree() == asked.parameters.tree() && store->value().tree() == asked.store.tree();
}

}  // namespace baton::api
