#include <ostream>

#include "client/command/asking.h"
#include "client/command/commands.h"
#include "client/command/live_view.h"
#include "client/command/printing.h"
#include "client/command/refusal.h"
#include "client/command/show_text.h"
#include "client/command/table.h"
#include "client/command/terminal_text.h"
#include "common/model/name_list.h"

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
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) add_query(target, name, value);
  };
  add("state", joined(options.states, ","));
  add("name", options.name);
  add("flow", options.flow);
  add("priority", joined(options.priorities, ","));
  add("conductor", options.conductor);
  add("since", options.since);
  add("until", options.until);
  add("cursor", options.cursor);
  add("limit", std::to_string(options.limit));
  std::string next;
  const View view{.target = target, .member = "jobs", .write = [&](std::ostream& out, const auto& body) {
                    print_jobs(out, body.at("jobs").as_array());
                    next = text_of(body, "next");
                    if (const auto missing = text_of(body, "incomplete"); !missing.empty())
                      out << "baton: " << missing << '\n';
                  }};
  const auto ended = show_view(context, view, options.watch_s);
  if (!next.empty() && ended == Ended::Success) context.err << "more: --cursor " << next << '\n';
  return ended;
}

/// How the job came to be there, as a row before those of the history.
void print_posted(const Context& context, const boost::json::value& posted) {
  boost::json::object row = posted.as_object();
  const auto reason = text_of(posted, "reason");
  row["what"] = "posted" + (reason.empty() ? "" : ": " + reason);
  if (context.json)
    print_value(context, row);
  else
    context.out << history_line(for_terminal(row), context.colours) << '\n';
}

Ended show_history(const Context& context, const std::string& uuid) {
  std::int64_t after = 0;
  while (true) {
    std::string target = job_target(uuid) + "/history";
    if (after > 0) add_query(target, "after", std::to_string(after));
    const auto asked = ask(context, target, "rows");
    if (const auto* ended = std::get_if<Ended>(&asked)) return *ended;
    if (const auto* body = &std::get<Answer>(asked).body; after == 0)
      if (const auto* posted = body->get_object().if_contains("posted"); posted && posted->is_object())
        print_posted(context, *posted);
    boost::json::array rows;
    std::int64_t next = 0;
    const auto ended = print(context, std::get<Answer>(asked), [&](std::ostream& out, const auto& body) {
      for (const auto& row : body.at("rows").as_array())
        if (context.json)
          rows.push_back(row);
        else
          out << history_line(row, context.colours) << '\n';
      next = number_of(body, "next");
    });
    for (const auto& row : rows) print_value(context, row);
    if (ended != Ended::Success || next == 0) return ended;
    if (next <= after) return refuse_shape(context, std::get<Answer>(asked));  // it would never end
    after = next;
  }
}

}  // namespace baton::client
