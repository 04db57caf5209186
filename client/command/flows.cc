#include <boost/json/serialize.hpp>
#include <ostream>

#include "client/command/asking.h"
#include "client/command/commands.h"
#include "client/command/table.h"

namespace baton::client {
namespace {

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

}  // namespace

Ended list_flows(const Context& context) {
  return ask_and_print(context, "/v1/flows", "flows", [](std::ostream& out, const auto& body) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& flow : body.at("flows").as_array())
      rows.push_back({text_of(flow, "name"), text_of(flow, "module"), text_of(flow, "version"),
                      text_of(flow, "description")});
    print_table(out, {"NAME", "MODULE", "VERSION", "DESCRIPTION"}, rows);
  });
}

Ended show_flow(const Context& context, const std::string& name) {
  return ask_and_print(context, flow_target(name), "parameters", print_flow);
}

}  // namespace baton::client
