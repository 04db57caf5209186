#include <boost/json/serialize.hpp>
#include <ostream>

#include "client/command/commands.h"
#include "client/command/table.h"

namespace baton::client {

Ended list_flows(const Context& context) {
  const auto answer = context.http.get("/v1/flows");
  if (!answer.ok()) return refuse(context, answer.error());
  if (answer->status != 200) return refuse(context, *answer);
  if (context.json) return context.out << boost::json::serialize(answer->body) << '\n', Ended::Success;
  std::vector<std::vector<std::string>> rows;
  for (const auto& flow : answer->body.at("flows").as_array())
    rows.push_back({text_of(flow, "name"), text_of(flow, "module"), text_of(flow, "version"),
                    text_of(flow, "description")});
  print_table(context.out, {"NAME", "MODULE", "VERSION", "DESCRIPTION"}, rows);
  return Ended::Success;
}

Ended show_flow(const Context& context, const std::string& name) {
  std::string target = "/v1/flows/" + name;
  const auto answer = context.http.get(target);
  if (!answer.ok()) return refuse(context, answer.error());
  if (answer->status != 200) return refuse(context, *answer);
  if (context.json) return context.out << boost::json::serialize(answer->body) << '\n', Ended::Success;
  context.out << text_of(answer->body, "name") << "  (" << text_of(answer->body, "module") << " "
              << text_of(answer->body, "version") << ")\n";
  if (const auto about = text_of(answer->body, "description"); !about.empty())
    context.out << "  " << about << "\n";
  std::vector<std::vector<std::string>> rows;
  for (const auto& parameter : answer->body.at("parameters").as_array()) {
    const auto* fallback = parameter.as_object().if_contains("default");
    rows.push_back({"  " + text_of(parameter, "name"), text_of(parameter, "type"),
                    fallback ? boost::json::serialize(*fallback) : "(required)",
                    text_of(parameter, "description")});
  }
  print_table(context.out, {"  PARAMETER", "TYPE", "DEFAULT", "DESCRIPTION"}, rows);
  return Ended::Success;
}

}  // namespace baton::client
