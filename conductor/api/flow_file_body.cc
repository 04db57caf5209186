#include "conductor/api/flow_file_body.h"

#include <algorithm>
#include <array>
#include <limits>

#include "common/model/limits.h"
#include "common/model/order.h"
#include "common/model/sha256.h"
#include "common/model/value.h"
#include "conductor/api/text_member.h"
#include "flowfile/bundle.h"
#include "flowfile/stored_name.h"

namespace baton::api {
namespace {

namespace json = boost::json;

constexpr const char* kMembers = "main, files, who, reason, if_version, dry_run";
constexpr std::array<std::string_view, 6> kKnown{"main", "files", "who", "reason", "if_version", "dry_run"};

Problem too_large(std::size_t bytes) {
  return {413,
          "flow-file-too-large",
          "The flow file is too large",
          "with all that it includes it has " + std::to_string(bytes) + " bytes as JSON, the limit is " +
              std::to_string(kFlowFileBytesMax) + ": give data as parameters, or as the result of a task",
          {},
          {}};
}

/// Collects what is wrong while the members are read.
class Reader {
 public:
  explicit Reader(const json::object& object) : object_(object) {}

  std::variant<FlowFileBody, Problem> read(const std::string& name) {
    for (const auto& member : object_)
      if (const std::string_view key = member.key();
          std::find(kKnown.begin(), kKnown.end(), key) == kKnown.end())
        refuse("/" + std::string(key), "member '" + std::string(key) + "' is not known; known: " + kMembers);
    if (auto wrong = wrong_flow_file_name(name); !wrong.empty()) refuse("", std::move(wrong));
    FlowFileBody body;
    body.put.name = name;
    body.put.who = text("who", 1, kOrderWhoBytesMax);
    if (object_.contains("reason")) body.put.why = text("reason", 0, kOrderWhyBytesMax);
    body.put.if_version = if_version();
    body.dry_run = dry_run();
    const auto bundle = flowfile::bundle_from(object_);
    if (!bundle.ok()) refuse(bundle.error().pointer, bundle.error().what);
    if (!problems_.empty())
      return bad_body("bad-flow-file", "The flow file cannot be stored", std::move(problems_));
    body.put.content = to_json(*bundle);
    if (body.put.content.size() > kFlowFileBytesMax) return too_large(body.put.content.size());
    if (auto problem = look_into(name, *bundle)) return *std::move(problem);
    body.put.digest = sha256_hex(body.put.content);
    return body;
  }

 private:
  void refuse(std::string pointer, std::string detail) {
    problems_.push_back({std::move(pointer), std::move(detail)});
  }

  std::string text(const char* name, std::size_t least, std::size_t most) {
    auto read = text_member(object_, name, least, most);
    if (read.ok()) return std::move(read).value();
    refuse(std::string("/") + name, read.error());
    return {};
  }

  std::optional<std::uint32_t> if_version() {
    const auto* value = object_.if_contains("if_version");
    if (!value) return std::nullopt;
    const auto* number = value->if_int64();
    if (number && *number >= 0 && *number <= std::numeric_limits<std::int32_t>::max())
      return static_cast<std::uint32_t>(*number);
    refuse("/if_version", "'if_version' is no whole number from 0 on (0: only if there is none yet)");
    return std::nullopt;
  }

  bool dry_run() {
    const auto* value = object_.if_contains("dry_run");
    if (value && !value->is_bool()) refuse("/dry_run", "'dry_run' is no boolean");
    return value && value->is_bool() && value->get_bool();
  }

  static std::optional<Problem> look_into(const std::string& name, const flowfile::Bundle& bundle) {
    const auto read = flowfile::from_bundle(bundle);
    const std::string title = "Flow file '" + name + "' has mistakes";
    const auto good = flowfile::check_file(bundle.main, read, flowfile::kServedBounds);
    if (!good.ok()) return bad_flow_file(title, good.error());
    const auto used = flowfile::gather(bundle.main, read, flowfile::kServedBounds);
    if (!used.ok()) return bad_flow_file(title, used.error());
    for (const auto& [path, content] : bundle.files)
      if (!used->files.contains(path))
        return Problem{
            422,   "bad-flow-file",
            title, "file '" + path + "' is included by nobody; send only what '" + bundle.main + "' includes",
            {},    {}};
    return std::nullopt;
  }

  const json::object& object_;
  std::vector<ProblemItem> problems_;
};

}  // namespace

std::string wrong_flow_file_name(const std::string& name) {
  if (flowfile::is_stored_name(name)) return {};
  return "'" + name.substr(0, kNameBytesMax) + "' cannot be a flow file's name: " + flowfile::kStoredNameRule;
}

std::variant<FlowFileBody, Problem> read_flow_file_body(const std::string& name, const std::string& body) {
  const auto value = Value::parse(body);
  if (!value.ok())
    return bad_request("the body cannot be kept, at byte " + std::to_string(value.error().offset) + ": " +
                       value.error().message);
  const auto tree = value->tree();
  if (!tree.is_object())
    return bad_request("the body is no object; wanted: one with " + std::string(kMembers));
  return Reader(tree.get_object()).read(name);
}

}  // namespace baton::api
