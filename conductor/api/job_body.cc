#include "conductor/api/job_body.h"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <limits>

#include "common/model/json_view.h"
#include "common/model/name_list.h"
#include "common/model/order.h"
#include "conductor/api/limits.h"
#include "engine/flow.h"
#include "engine/plan.h"
#include "flowfile/stored_name.h"

namespace baton::api {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 8> kMembers{"name",  "flow",     "flow_file", "parameters",
                                                   "store", "priority", "uuid",      "reason"};

std::string text(const json::string& from) {
  return {from.data(), from.size()};
}

std::string kind_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return "a boolean";
    case json::kind::string:
      return "a string";
    case json::kind::array:
      return "a list";
    case json::kind::object:
      return "an object";
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
      break;
  }
  return "a number";
}

/// Collects what is wrong while the members are read.
class Reader {
 public:
  Reader(const Value& whole, const json::object& object, conductor::FlowCatalogue& catalogue)
      : whole_(whole), object_(object), catalogue_(catalogue) {}

  void read() {
    refuse_unknown();
    body_.name = string_member("name", kNameBytesMax);
    if (object_.contains("uuid")) body_.uuid = string_member("uuid", kJobUuidBytesMax);
    if (object_.contains("reason")) body_.reason = string_member("reason", kOrderWhyBytesMax);
    read_priority();
    if (const auto* store = object_member("store")) store_ = *store;
    read_flow_member();
    if (body_.name.empty()) body_.name = flow_name_;
  }

  std::variant<JobBody, Problem> take() {
    if (!problems_.empty()) return bad_body(kind_, title_, std::move(problems_));
    if (flow_.empty()) return std::move(body_);
    json::object details = std::move(flow_);
    details["store"] = store_;
    auto value = Value::from(details);
    if (!value.ok()) return bad_request(value.error().message);  // one level deeper than the body was
    body_.details = std::move(value).value();
    return std::move(body_);
  }

 private:
  void refuse(std::string pointer, std::string detail) {
    problems_.push_back({std::move(pointer), std::move(detail)});
  }

  void refuse_unknown() {
    for (const auto& member : object_) {
      const std::string name(member.key());
      if (std::find(kMembers.begin(), kMembers.end(), name) == kMembers.end())
        refuse("/" + name,
               "member '" + name +
                   "' is not known; known: name, flow, flow_file, parameters, store, priority, uuid, reason");
    }
  }

  std::string string_member(const char* name, std::size_t bytes_max) {
    const auto* value = object_.if_contains(name);
    if (!value) return {};
    const auto* string = value->if_string();
    if (!string || string->empty() || string->size() > bytes_max) {
      refuse(std::string("/") + name,
             std::string("'") + name + "' is " +
                 (string ? "a string of " + std::to_string(string->size()) + " bytes" : kind_of(*value)) +
                 "; wanted: a string of 1 to " + std::to_string(bytes_max) + " bytes");
      return {};
    }
    return text(*string);
  }

  const json::object* object_member(const char* name) {
    const auto* value = object_.if_contains(name);
    if (!value) return nullptr;
    if (!value->is_object())
      refuse(std::string("/") + name,
             std::string("'") + name + "' is " + kind_of(*value) + "; wanted: an object");
    return value->if_object();
  }

  void read_priority() {
    const auto* value = object_.if_contains("priority");
    if (!value) return;
    const auto known = value->is_string() ? priority_from(text(value->get_string())) : std::nullopt;
    if (known)
      body_.priority = *known;
    else
      refuse("/priority", "priority " + shown_name(json::serialize(*value)) +
                              " is not known; known: VERY_LOW, LOW, NORMAL, HIGH, VERY_HIGH");
  }

  void read_flow_member() {
    const auto* flow = object_.if_contains("flow");
    if (object_.contains("flow_file"))
      read_flow_file();
    else if (flow && flow->is_string())
      read_factory(text(flow->get_string()));
    else if (flow && flow->is_object())
      read_inline(flow->get_object());
    else
      refuse("/flow",
             flow ? "'flow' is " + kind_of(*flow) +
                        "; wanted: the name of a registered flow or of a flow file, or an inline flow"
                  : "'flow' is missing: the name of a registered flow (GET /v1/flows) or of a flow file (GET "
                    "/v1/flow-files), or an inline flow");
  }

  void read_flow_file() {
    if (object_.contains("flow")) refuse("/flow", "'flow' and 'flow_file' are given: give one of them");
    const auto* file = object_member("flow_file");
    if (!file) return;
    for (const auto& member : *file)
      if (member.key() != "name" && member.key() != "version")
        refuse("/flow_file/" + std::string(member.key()),
               "member '" + std::string(member.key()) + "' is not known; known: name, version");
    const auto* name = file->if_contains("name");
    if (!name || !name->is_string())
      refuse("/flow_file/name",
             "'name' is missing or no string: GET /v1/flow-files lists those that are stored");
    else
      flow_name_ = text(name->get_string());
    const auto* version = file->if_contains("version");
    const auto* number = version ? version->if_int64() : nullptr;
    if (version && (!number || *number < 1 || *number > std::numeric_limits<std::int32_t>::max()))
      refuse("/flow_file/version",
             "'version' is no whole number from 1 on; without one the newest is posted");
    look_for_stored(number ? static_cast<std::uint32_t>(*number) : 0);
  }

  /// Parts of the body, which has passed the border; as the bytes that were received.
  void look_for_stored(std::uint32_t version) {
    object_member("parameters");
    if (!problems_.empty()) return;
    StoredFlow stored{flow_name_, version};
    if (const auto given = whole_.at("parameters")) stored.parameters = given->value();
    if (const auto given = whole_.at("store")) stored.store = given->value();
    body_.stored = std::move(stored);
  }

  void read_factory(const std::string& name) {
    flow_name_ = name;
    const auto* given = object_member("parameters");
    const json::object parameters = given ? *given : json::object();
    json::object factory;
    factory["name"] = name;
    factory["args"] = json::array();
    factory["kwargs"] = parameters;
    flow_["factory"] = std::move(factory);
    if (!problems_.empty()) return;
    auto kwargs = Value::from(parameters);
    if (!kwargs.ok()) return refuse("/parameters", kwargs.error().message);
    const auto args = Value::from_stored("[]");
    const auto built = catalogue_.build(name, args, kwargs.value());
    if (built.ok()) return compile(built.value());
    using Kind = conductor::CatalogueError::Kind;
    switch (built.error().kind) {
      case Kind::UnknownFlow:
        if (const auto stored = flowfile::stored_name_from(name); stored && stored->version > 0)
          return read_version(*stored);
        look_for_stored(0);
        [[fallthrough]];
      case Kind::Unavailable:
        body_.warning =
            built.error().message + "; the job waits on the board until a conductor comes that can build it";
        return;
      case Kind::UnknownParameter:  // the poster is here to hear it
      case Kind::Refused:
        kind_ = "bad-parameters";
        title_ = "Flow '" + name + "' refuses these parameters";
        return refuse("/parameters", built.error().message);
    }
  }

  /// NAME@VERSION is no registered flow's name anywhere: if it is not stored nobody can ever build it.
  void read_version(const flowfile::StoredName& stored) {
    flow_name_ = stored.name;
    flow_.clear();
    look_for_stored(stored.version);
  }

  void read_inline(const json::object& flow) {
    if (object_.contains("parameters"))
      refuse("/parameters", "an inline flow has no parameters: give initial values as 'store'");
    flow_["flow"] = flow;
    if (const auto* name = flow.if_contains("name"); name && name->is_string())
      flow_name_ = text(name->get_string());
    const auto value = Value::from(flow);
    if (!value.ok()) return refuse("/flow", value.error().message);
    compile(value.value());
  }

  void compile(const Value& flow) {
    const auto spec = engine::read_flow(flow);
    if (!spec.ok()) return refuse_flow(spec.error());
    engine::Symbols symbols;
    for (const auto& entry : store_) {
      auto symbol = Value::from(entry.value());
      if (!symbol.ok()) return refuse("/store", symbol.error().message);
      symbols.emplace(std::string(entry.key()), std::move(symbol).value());
    }
    if (const auto plan = engine::compile(*spec, symbols); !plan.ok()) refuse_flow(plan.error());
  }

  void refuse_flow(const engine::FlowError& error) {
    if (problems_.empty()) {
      kind_ = "bad-flow";
      title_ = "The flow does not compile (" + error.stage + ": " + error.kind + ")";
    }
    refuse("/flow", error.message);
  }

  const JsonView whole_;
  const json::object& object_;
  conductor::FlowCatalogue& catalogue_;
  JobBody body_;
  json::object flow_, store_;
  std::string flow_name_;
  std::string kind_ = "bad-job", title_ = "The job cannot be posted";
  std::vector<ProblemItem> problems_;
};

}  // namespace

std::variant<JobBody, Problem> read_job_body(const std::string& body, conductor::FlowCatalogue& catalogue) {
  const auto value = Value::parse(body);
  if (!value.ok())
    return bad_request("the body cannot be kept, at byte " + std::to_string(value.error().offset) + ": " +
                       value.error().message);
  const auto tree = value->tree();
  if (!tree.is_object())
    return bad_request("the body is " + kind_of(tree) + "; wanted: an object, see docs/api.md");
  Reader reader(*value, tree.get_object(), catalogue);
  reader.read();
  return reader.take();
}

}  // namespace baton::api
