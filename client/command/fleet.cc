#include <ostream>

#include "client/command/commands.h"
#include "client/command/live_view.h"
#include "client/command/table.h"
#include "common/model/name_list.h"

namespace baton::client {
namespace {

using Row = std::vector<std::string>;

std::string labels_of(const boost::json::value& worker) {
  std::vector<std::string> labels;
  for (const auto& [name, value] : worker.at("labels").as_object())
    labels.push_back(std::string(name) + "=" + std::string(value.as_string()));
  return joined(labels);
}

/// A row an item.
template <class ToRow>
void add_rows(std::vector<Row>& rows, const boost::json::value& items, ToRow to_row) {
  for (const auto& item : items.as_array()) rows.push_back(to_row(item));
}

/// A list, as a table.
template <class ToRow>
View table_of(const char* target, const char* member, const Row& header, ToRow to_row) {
  return {target, member, [=](std::ostream& out, const auto& body) {
            std::vector<Row> rows;
            add_rows(rows, body.at(member), to_row);
            print_table(out, header, rows);
          }};
}

}  // namespace

Ended list_workers(const Context& context, int watch_s) {
  const auto view =
      table_of("/v1/workers", "workers", {"NAME", "STATE", "BUSY", "HOST", "PID", "LABELS", "TASK TYPES"},
               [](const auto& worker) {
                 return Row{text_of(worker, "name"),
                            text_of(worker, "state"),
                            std::to_string(number_of(worker, "outstanding")) + "/" +
                                std::to_string(number_of(worker, "slots")),
                            text_of(worker, "host"),
                            std::to_string(number_of(worker, "pid")),
                            labels_of(worker),
                            joined(texts_of(worker.at("task_types")))};
               });
  return show_view(context, view, watch_s);
}

Ended list_conductors(const Context& context, int watch_s) {
  const auto view = table_of(
      "/v1/conductors", "conductors", {"NAME", "API", "HOST", "PID", "VERSION"}, [](const auto& member) {
        return Row{text_of(member, "name"), text_of(member, "api"), text_of(member, "host"),
                   std::to_string(number_of(member, "pid")), text_of(member, "version")};
      });
  return show_view(context, view, watch_s);
}

/// Two kinds: what stands on the board and is not run here, and what is gone from the board and has not
/// ended.
Ended list_left_alone(const Context& context, int watch_s) {
  const View view{
      "/v1/left-alone", "left_alone", [](std::ostream& out, const auto& body) {
        std::vector<Row> rows;
        add_rows(rows, body.at("left_alone"), [](const auto& job) {
          return Row{"left alone", text_of(job, "job"), text_of(job, "name"),
                     std::to_string(number_of(job, "tries")), text_of(job, "reason")};
        });
        add_rows(rows, body.at("parked"), [](const auto& job) {
          return Row{"parked", text_of(job, "job"), text_of(job, "name"), "", text_of(job, "reason")};
        });
        print_table(out, {"KIND", "JOB", "NAME", "TRIES", "REASON"}, rows);
      }};
  return show_view(context, view, watch_s);
}

}  // namespace baton::client
