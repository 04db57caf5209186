#include "conductor/flow_source.h"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>

#include "common/model/json_view.h"
#include "common/model/name_list.h"

namespace baton::conductor {
namespace {

namespace json = boost::json;

NoPlan left(std::string message) {
  return {NoPlan::Verdict::LeaveAlone, Failure::make("LeftAlone", std::move(message))};
}
NoPlan rejected(std::string type, std::string message) {
  return {NoPlan::Verdict::Reject, Failure::make(std::move(type), std::move(message))};
}

std::string text_of(const json::value* value) {
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// A part of a posting: its bytes have passed the border.
Value part(const json::value* value, const char* missing) {
  return Value::from_stored(value && !value->is_null() ? json::serialize(*value) : missing);
}

struct Factory {
  std::string name;
  Value args, kwargs;
};

/// The first member of one of our objects that is none of the known ones; nullopt: there is none.
template <std::size_t N>
std::optional<std::string> unknown_member(const json::value* object, const char* place,
                                          const std::array<std::string_view, N>& known) {
  if (!object || !object->is_object()) return std::nullopt;
  for (const auto& member : object->get_object())
    if (std::find(known.begin(), known.end(), std::string_view(member.key())) == known.end())
      return std::string(place) + ": '" + shown_name(member.key()) +
             "' is not known to this version of the conductor; known: " +
             name_list({known.begin(), known.end()}) + "; it is left to a version that knows it";
  return std::nullopt;
}

constexpr std::array<std::string_view, 3> kFactoryMembers{"name", "args", "kwargs"};
constexpr std::array<std::string_view, 2> kOptions{"defer_reverts", "never_resolve"};

std::optional<std::string> unknown_in(const json::object& details) {
  if (auto why = unknown_member(details.if_contains("factory"), "details.factory", kFactoryMembers))
    return why;
  return unknown_member(details.if_contains("options"), "details.options", kOptions);
}

Result<Factory, NoPlan> factory_of(const json::value& tree) {
  const auto* object = tree.if_object();
  const auto refuse = [](const std::string& what) {
    return Fail(rejected("BadDetails", "details.factory: " + what +
                                           "; it must be {\"name\": str, \"args\": [], \"kwargs\": {}}"));
  };
  if (!object) return refuse("is no object");
  Factory factory{text_of(object->if_contains("name")), part(object->if_contains("args"), "[]"),
                  part(object->if_contains("kwargs"), "{}")};
  if (factory.name.empty()) return refuse("has no string 'name'");
  if (!factory.args.tree().is_array()) return refuse("'args' is no list");
  if (!factory.kwargs.tree().is_object()) return refuse("'kwargs' is no object");
  return factory;
}

std::string unknown_flow(const FlowCatalogue& catalogue, std::string_view name) {
  std::vector<std::string> known;
  for (const auto& flow : catalogue.entries()) known.push_back(flow.name);
  return "no module of this conductor knows the flow '" + shown_name(name) + "'; known: " + name_list(known) +
         "; start a conductor with its module (conductor.modules), or remove the job and post it with a flow "
         "that is known";
}

Result<engine::Symbols, NoPlan> symbols_of(const Posting& posting) {
  engine::Symbols symbols;
  const JsonView details(posting.details);
  if (details.kind() != JsonView::Kind::Object) return symbols;
  const auto store = details.at("store");
  if (!store || store->kind() == JsonView::Kind::Null) return symbols;
  if (store->kind() != JsonView::Kind::Object)
    return Fail(rejected("BadDetails", "details.store: must be an object of symbol -> value, it is " +
                                           shown_name(store->raw(), 80)));
  for (const auto& [symbol, value] : store->members()) symbols.emplace(symbol, value.value());
  return symbols;
}

NoPlan bad_options(const std::string& what) {
  return rejected("BadDetails", "details.options: " + what +
                                    "; it may be {\"defer_reverts\": bool, \"never_resolve\": bool}");
}

NoPlan refused(const engine::FlowError& error) {
  if (error.kind == "Unsupported")
    return left(error.message +
                "\n  hint: it is left to a version of the conductor that knows it; if it is "
                "misspelt, remove the job and post it again");
  std::string details = "{\"stage\": " + quoted(error.stage) + ", \"missing\": [";
  for (std::size_t i = 0; i < error.missing.size(); ++i)
    details += (i ? ", " : "") + quoted(error.missing[i]);
  return {NoPlan::Verdict::Reject,
          Failure::make(error.kind, error.message, Value::from_stored(details + "]}"))};
}

}  // namespace

std::string flow_name_of(const Posting& posting) {
  const auto details = posting.details.tree();
  const auto* object = details.if_object();
  if (!object) return {};
  for (const char* member : {"factory", "flow_file", "flow"})
    if (const auto* flow = object->if_contains(member); flow && flow->is_object())
      return text_of(flow->get_object().if_contains("name"));
  return {};
}

std::optional<std::string> FlowSource::leave_alone(const Posting& posting) const {
  const auto details = posting.details.tree();
  const auto* object = details.if_object();
  if (!object) return "its details are no object: they name no flow";
  if (auto why = unknown_in(*object)) return why;
  if (object->contains("factory")) {
    const auto factory = factory_of(object->at("factory"));
    if (!factory.ok() || catalogue_.knows(factory->name)) return std::nullopt;
    return unknown_flow(catalogue_, factory->name);
  }
  if (object->contains("flow")) return std::nullopt;
  if (object->contains("flow_file"))
    return "details.flow_file: a stored flow file is written out when it is posted: post it with 'baton post "
           "NAME@VERSION' or POST /v1/jobs, and remove this node";
  return "its details name no flow (factory, flow or flow_file)";
}

Result<Value, NoPlan> FlowSource::flow_json(const Posting& posting) const {
  const auto details = posting.details.tree();
  const auto& object = details.get_object();
  if (object.contains("flow") && !object.contains("factory"))
    return JsonView(posting.details).at("flow")->value();
  const auto factory = factory_of(object.at("factory"));
  if (!factory.ok()) return Fail(factory.error());
  auto built = catalogue_.build(factory->name, factory->args, factory->kwargs);
  if (built.ok()) return std::move(built).value();
  if (built.error().kind == CatalogueError::Kind::UnknownParameter)
    return Fail(left(built.error().message +
                     ", unless a newer version of its module knows them: the job is left to that"));
  if (built.error().kind != CatalogueError::Kind::Refused) return Fail(left(built.error().message));
  return Fail(rejected("BadParameters", built.error().message));
}

Result<engine::Options, NoPlan> FlowSource::options(const Posting& posting) const {
  const auto details = posting.details.tree();
  const auto* given = details.is_object() ? details.get_object().if_contains("options") : nullptr;
  if (!given || given->is_null()) return engine::Options();
  if (!given->is_object()) return Fail(bad_options("is no object"));
  if (auto why = unknown_in(details.get_object())) return Fail(left(std::move(*why)));
  for (const auto& [name, value] : given->get_object())
    if (!value.is_bool()) return Fail(bad_options("'" + std::string(name) + "' is no boolean"));
  return known_options(posting);
}

engine::Options FlowSource::known_options(const Posting& posting) const {
  engine::Options options;
  const auto details = posting.details.tree();
  const auto* given = details.is_object() ? details.get_object().if_contains("options") : nullptr;
  if (!given || !given->is_object()) return options;
  const auto read = [&](const char* name, bool& option) {
    const auto* value = given->get_object().if_contains(name);
    if (value && value->is_bool()) option = value->get_bool();
  };
  read("defer_reverts", options.defer_reverts);
  read("never_resolve", options.never_resolve);
  return options;
}

Result<engine::PlanPtr, NoPlan> FlowSource::plan(const Posting& posting) const {
  if (auto why = leave_alone(posting)) return Fail(left(std::move(*why)));
  const auto flow = flow_json(posting);
  if (!flow.ok()) return Fail(flow.error());
  const auto spec = engine::read_flow(*flow);
  if (!spec.ok()) return Fail(refused(spec.error()));
  const auto symbols = symbols_of(posting);
  if (!symbols.ok()) return Fail(symbols.error());
  auto plan = engine::compile(*spec, *symbols);
  if (!plan.ok()) return Fail(refused(plan.error()));
  return std::move(plan).value();
}

}  // namespace baton::conductor
