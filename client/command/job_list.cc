#include <boost/json/serialize.hpp>
#include <ostream>

#include "client/command/commands.h"
#include "client/command/show_text.h"
#include "client/command/table.h"

namespace baton::client {
namespace {

/// A node that stands for no job has no uuid: its path is shown. Reasons, where there are any, come last.
void print_jobs(std::ostream& out, const boost::json::array& jobs) {
  std::vector<std::string> header{"UUID", "NAME", "FLOW", "STATE", "DONE", "POSTED", "CONDUCTOR"};
  std::vector<std::vector<std::string>> rows;
  bool reasons = false;
  for (const auto& job : jobs) {
    const auto uuid = text_of(job, "uuid");
    const bool node = uuid.empty();
    rows.push_back({node ? text_of(job, "board_path") : uuid, text_of(job, "name"), text_of(job, "flow"),
                    text_of(job, "state"),
                    node ? ""
                         : std::to_string(number_of(job, "atoms_done")) + "/" +
                               std::to_string(number_of(job, "atoms_total")),
                    shown_time(text_of(job, node ? "updated_at" : "posted_at")), text_of(job, "conductor"),
                    shown_reason(job)});
    reasons = reasons || !rows.back().back().empty();
  }
  if (reasons) header.push_back("REASON");
  if (!reasons)
    for (auto& row : rows) row.pop_back();
  print_table(out, header, rows);
}

}  // namespace

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
  print_jobs(context.out, answer->body.at("jobs").as_array());
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
