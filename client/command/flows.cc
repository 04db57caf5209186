#include <algorithm>
#include <boost/json/serialize.hpp>
#include <optional>
#include <ostream>
#include <set>

#include "client/command/asking.h"
#include "client/command/commands.h"
#include "client/command/printing.h"
#include "client/command/refusal.h"
#include "client/command/show_text.h"
#include "client/command/stored_flows.h"
#include "client/command/table.h"
#include "client/command/terminal_text.h"
#include "common/model/name_list.h"

namespace baton::client {
namespace {

namespace json = boost::json;

void print_flow(std::ostream& out, const boost::json::value& flow) {
  out << text_of(flow, "name") << "  (" << text_of(flow, "module") << " " << text_of(flow, "version")
      << ")\n";
  if (const auto about = text_of(flow, "description"); !about.empty()) out << "  " << about << "\n";
  std::vector<std::vector<std::string>> rows;
  for (const auto& parameter : flow.at("parameters").as_array()) {
    const auto* fallback = parameter.as_object().if_contains("default");
    rows.push_back({"  " + text_of(parameter, "name"), text_of(parameter, "type"),
                    fallback ? boost::json::serialize(*fallback) : "(required)",
                    text_of(parameter, "description")});
  }
  print_table(out, {"  PARAMETER", "TYPE", "DEFAULT", "DESCRIPTION"}, rows);
}

constexpr const char* kFlowFilesTarget = "/v1/flow-files?limit=500";

/// All pages, put to the registered flows. Names come in the order of their bytes.
std::optional<Ended> add_flow_files(const Context& context, json::object& body) {
  auto& all = body["flow_files"].emplace_array();
  std::string after;
  for (std::string target = kFlowFilesTarget; !target.empty();) {
    auto asked = ask(context, target, "flow_files");
    if (const auto* ended = std::get_if<Ended>(&asked)) return *ended;
    auto& answer = std::get<Answer>(asked);
    if (!answer.body.at("flow_files").is_array()) return refuse_shape(context, answer);
    for (auto& file : answer.body.at("flow_files").get_array()) all.push_back(std::move(file));
    const auto next = text_of(answer.body, "next");
    if (!next.empty() && next <= after) return refuse_shape(context, answer);  // it would never end
    after = next;
    target = next.empty() ? "" : kFlowFilesTarget;
    if (!next.empty()) add_query(target, "after", next);
  }
  return std::nullopt;
}

void print_flows(std::ostream& out, const json::value& body) {
  std::vector<std::vector<std::string>> rows;
  std::set<std::string> registered;
  for (const auto& flow : body.at("flows").as_array()) {
    registered.insert(text_of(flow, "name"));
    rows.push_back({text_of(flow, "name"), "registered", text_of(flow, "version"), text_of(flow, "module"),
                    "", text_of(flow, "description")});
  }
  for (const auto& file : body.at("flow_files").as_array()) {
    const std::string name = text_of(file, "name"), version = std::to_string(number_of(file, "version"));
    const std::string hidden =
        registered.contains(name) ? "posted as " + name + "@" + version + " only; " : std::string();
    rows.push_back({name, "flow file", version, text_of(file, "who"), shown_time(text_of(file, "stored_at")),
                    hidden + text_of(file, "reason")});
  }
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a[0] < b[0]; });
  print_table(out, {"NAME", "KIND", "VERSION", "FROM", "STORED", "ABOUT"}, rows);
}

/// The text as it was put, so that it can be written to a file; what is known about it goes to stderr.
void print_stored(const Context& context, const Stored& stored) {
  const auto known = [&](const char* member) { return for_terminal(text_of(stored.answer.body, member)); };
  context.err << stored.label << ", by " << known("who") << " at " << shown_time(known("stored_at"));
  if (const auto why = known("reason"); !why.empty()) context.err << ": " << why;
  context.err << std::endl;
  const auto heading = [](const std::string& path) {
    return "==> " + shown_name(path, path.size()) + " <==\n";  // one line: no path can look like two files
  };
  const auto& [main, files] = stored.bundle;
  const bool several = files.size() > 1;
  if (several) context.out << heading(main);
  context.out << files.at(main);
  for (const auto& [path, text] : files)
    if (path != main) context.out << "\n" << heading(path) << text;
  context.out << std::flush;
}

Ended show_stored(const Context& context, const Stored& stored) {
  context.json ? print_value(context, stored.answer.body) : print_stored(context, stored);
  return Ended::Success;
}

Ended show_versions(const Context& context, const std::string& name) {
  return ask_and_print(context, stored_flow_target({name, 0}) + "/versions?limit=500", "versions",
                       [](std::ostream& out, const auto& body) {
                         std::vector<std::vector<std::string>> rows;
                         for (const auto& file : body.at("versions").as_array())
                           rows.push_back({std::to_string(number_of(file, "version")),
                                           shown_time(text_of(file, "stored_at")), text_of(file, "who"),
                                           text_of(file, "digest").substr(0, 12), text_of(file, "reason")});
                         print_table(out, {"VERSION", "STORED", "WHO", "DIGEST", "REASON"}, rows);
                       });
}

/// As a conductor has answered.
Ended show_registered(const Context& context, const Answer& answer) {
  if (answer.status != 200) return refuse(context, answer);
  if (!answer.body.is_object() || !answer.body.get_object().contains("parameters"))
    return refuse_shape(context, answer);
  if (!context.json) return print(context, answer, print_flow);
  return print_value(context, answer.body), Ended::Success;
}

}  // namespace

Ended list_flows(const Context& context, const std::string& name) {
  if (!name.empty()) {
    if (flowfile::is_stored_name(name)) return show_versions(context, name);
    return refuse_usage(context, "'" + name + "' is no flow file's name: " + flowfile::kStoredNameRule);
  }
  auto asked = ask(context, "/v1/flows", "flows");
  if (const auto* ended = std::get_if<Ended>(&asked)) return *ended;
  auto& answer = std::get<Answer>(asked);
  if (const auto ended = add_flow_files(context, answer.body.get_object())) return *ended;
  if (!context.json) return print(context, answer, print_flows);
  return print_value(context, answer.body), Ended::Success;
}

/// A registered flow's name is that one's, as when it is posted; with a version it is a stored one's.
Ended show_flow(const Context& context, const std::string& name) {
  const auto stored = flowfile::stored_name_from(name);
  const bool versioned = stored && stored->version > 0;
  if (!versioned) {
    const auto registered = context.http.get(flow_target(name));
    if (!registered.ok()) return refuse(context, registered.error());
    const bool unknown = text_of(registered->body, "type") == "urn:baton:problem:no-such-flow";
    if (!unknown || !stored) return show_registered(context, *registered);
  }
  const auto found = find_stored(context, *stored);
  if (const auto* ended = std::get_if<Ended>(&found)) return *ended;
  if (const auto& file = std::get<0>(found)) return show_stored(context, *file);
  return refuse_as(context, Ended::Refused,
                   std::string("no ") + (versioned ? "" : "flow is registered here and no ") + "flow file '" +
                       name + "' is stored; 'baton flow list' lists both");
}

}  // namespace baton::client
