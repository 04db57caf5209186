#include <boost/json/serialize.hpp>
#include <ostream>

#include "client/command/asking.h"
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
    rows.push_back({node ? text_of(job, "board_path") : uuid, text_of(job, "name"), shown_flow(job),
                    text_of(job, "state") + (job.as_object().contains("cancelling") ? ", cancelling" : ""),
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
  std::string next;
  const auto ended = ask_and_print(context, target, "jobs", [&](std::ostream& out, const auto& body) {
    print_jobs(out, body.at("jobs").as_array());
    next = text_of(body, "next");
  });
  if (!next.empty() && ended == Ended::Success) context.err << "more: --cursor " << next << '\n';
  return ended;
}

Ended show_history(const Context& context, const std::string& uuid) {
  std::int64_t after = 0;
  while (true) {
    std::string target = job_target(uuid) + "/history";
    if (after > 0) add_query(target, "after", std::to_string(after));
    const auto asked = ask(context, target, "rows");
    if (const auto* ended = std::get_if<Ended>(&asked)) return *ended;
    const auto ended = print(context, std::get<Answer>(asked), [&](std::ostream& out, const auto& body) {
      for (const auto& row : body.at("rows").as_array())
        out << (context.json ? boost::json::serialize(row) : history_line(row, context.terminal)) << '\n';
      after = number_of(body, "next");
    });
    if (ended != Ended::Success || after == 0) return ended;
  }
}

}  // namespace baton::client
