#include <boost/json/serialize.hpp>
#include <ostream>

#include "client/command/asking.h"
#include "client/command/commands.h"
#include "client/command/flow_files.h"
#include "client/command/printing.h"
#include "client/command/refusal.h"
#include "client/command/stored_flows.h"
#include "flowfile/disk.h"

namespace baton::client {
namespace {

namespace json = boost::json;

std::variant<std::string, Ended> name_for(const Context& context, const PutOptions& options,
                                          const flowfile::About& about) {
  const std::string& name = options.name.empty() ? about.name : options.name;
  if (flowfile::is_stored_name(name)) return name;
  return refuse_usage(context, "'" + name + "' cannot be a flow file's name: " + flowfile::kStoredNameRule +
                                   "\n  hint: --name says under which name it is stored");
}

json::object body_of(const PutOptions& options, const flowfile::Bundle& bundle) {
  json::object files;
  for (const auto& [path, text] : bundle.files) files[path] = text;
  json::object body{{"main", bundle.main},
                    {"files", std::move(files)},
                    {"who", options.who.empty() ? who_we_are() : options.who},
                    {"reason", options.why}};
  if (options.if_version >= 0) body["if_version"] = options.if_version;
  if (options.dry_run) body["dry_run"] = true;
  return body;
}

void print_put(std::ostream& out, const json::value& answer) {
  const std::string named = text_of(answer, "name") + "@" + std::to_string(number_of(answer, "version"));
  if (answer.at("same").as_bool())
    out << named << " is the same, by " << text_of(answer, "who") << ": nothing is stored\n";
  else if (answer.at("stored").as_bool())
    out << "stored " << named << "\n";
  else
    out << "would be stored as " << named << "\n";
}

}  // namespace

Ended put_flow_file(const Context& context, const PutOptions& options) {
  const auto read = flowfile::read_once(flowfile::from_disk());
  const auto good = flowfile::check_file(options.file, read);
  if (!good.ok()) return refuse_flow_file(context, good.error());
  const auto bundle = flowfile::gather(options.file, read);
  if (!bundle.ok()) return refuse_flow_file(context, bundle.error());
  const auto name = name_for(context, options, *good);
  if (const auto* ended = std::get_if<Ended>(&name)) return *ended;
  const auto answer = context.http.post(stored_flow_target({std::get<std::string>(name), 0}),
                                        json::serialize(body_of(options, *bundle)), {});
  if (!answer.ok()) return refuse(context, answer.error());
  if (answer->status != 200 && answer->status != 201) return refuse(context, *answer);
  const auto* said = answer->body.if_object();
  if (!said || !said->contains("same") || !said->contains("stored")) return refuse_shape(context, *answer);
  if (!context.json) return print(context, *answer, print_put);
  return print_value(context, answer->body), Ended::Success;
}

}  // namespace baton::client
