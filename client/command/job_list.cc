#include <boost/json/serialize.hpp>
#include <ostream>

#include "client/command/commands.h"
#include "client/command/show_text.h"
#include "client/command/table.h"

namespace baton::client {

Ended list_jobs(const Context& context, const ListOptions& options) {
  std::string target = "/v1/jobs";
  if (!options.state.empty()) add_query(target, "state", options.state);
  if (!options.name.empty()) add_query(target, "name", options.name);
  if (!options.flow.empty()) add_query(target, "flow", options.flow);
  if (!options.cursor.empty()) add_query(target, "cursor", options.cursor);
  add_query(target, "limit", std::to_string(options.limit));
  const auto answer = context.http.get(target);
  if (!answer.ok()) return refuse(context, answer.error());
  if (answer->status != 200) return refuse(context, *answer);
  if (context.json) return context.out << boost::json::serialize(answer->body) << '\n', Ended::Success;
  std::vector<std::vector<std::string>> rows;
  for (const auto& job : answer->body.at("jobs").as_array())
    rows.push_back(
        {text_of(job, "uuid"), text_of(job, "name"), text_of(job, "flow"), text_of(job, "state"),
         std::to_string(number_of(job, "atoms_done")) + "/" + std::to_string(number_of(job, "atoms_total")),
         text_of(job, "posted_at"), text_of(job, "conductor")});
  print_table(context.out, {"UUID", "NAME", "FLOW", "STATE", "DONE", "POSTED", "CONDUCTOR"}, rows);
  if (const auto next = text_of(answer->body, "next"); !next.empty())
    context.err << "more: --cursor " << next << '\n';
  return Ended::Success;
}

Ended show_history(const Context& context, const std::string& uuid) {
  std::int64_t after = 0;
  while (true) {
    std::string target = job_target(uuid) + "/history";
    if (after > 0) add_query(target, "after", std::to_string(after));
    const auto answer = context.http.get(target);
    if (!answer.ok()) return refuse(context, answer.error());
    if (answer->status != 200) return refuse(context, *answer);
    for (const auto& row : answer->body.at("rows").as_array())
      context.out << (context.json ? boost::json::serialize(row) : history_line(row, context.terminal))
                  << '\n';
    after = number_of(answer->body, "next");
    if (after == 0) return Ended::Success;
  }
}

}  // namespace baton::client
