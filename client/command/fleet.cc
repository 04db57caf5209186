#include <boost/json/serialize.hpp>
#include <ostream>

#include "client/command/commands.h"
#include "client/command/table.h"

namespace baton::client {
namespace {

using Row = std::vector<std::string>;

std::string joined(const boost::json::array& items) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : ", ") + std::string(item.as_string());
  return text;
}

std::string labels_of(const boost::json::value& worker) {
  std::string text;
  for (const auto& [name, value] : worker.at("labels").as_object())
    text += (text.empty() ? "" : ", ") + std::string(name) + "=" + std::string(value.as_string());
  return text;
}

/// Asks for a list and prints it as a table, a row an item.
template <class ToRow>
Ended print_list(const Context& context, const char* target, const char* member, const Row& header,
                 ToRow to_row) {
  const auto answer = context.http.get(target);
  if (!answer.ok()) return refuse(context, answer.error());
  if (answer->status != 200) return refuse(context, *answer);
  if (context.json) return context.out << boost::json::serialize(answer->body) << '\n', Ended::Success;
  std::vector<Row> rows;
  for (const auto& item : answer->body.at(member).as_array()) rows.push_back(to_row(item));
  print_table(context.out, header, rows);
  return Ended::Success;
}

}  // namespace

Ended list_workers(const Context& context) {
  return print_list(context, "/v1/workers", "workers",
                    {"NAME", "STATE", "BUSY", "HOST", "PID", "LABELS", "TASK TYPES"}, [](const auto& worker) {
                      return Row{text_of(worker, "name"),
                                 text_of(worker, "state"),
                                 std::to_string(number_of(worker, "outstanding")) + "/" +
                                     std::to_string(number_of(worker, "slots")),
                                 text_of(worker, "host"),
                                 std::to_string(number_of(worker, "pid")),
                                 labels_of(worker),
                                 joined(worker.at("task_types").as_array())};
                    });
}

Ended list_conductors(const Context& context) {
  return print_list(context, "/v1/conductors", "conductors", {"NAME", "API", "HOST", "PID", "VERSION"},
                    [](const auto& member) {
                      return Row{text_of(member, "name"), text_of(member, "api"), text_of(member, "host"),
                                 std::to_string(number_of(member, "pid")), text_of(member, "version")};
                    });
}

Ended list_left_alone(const Context& context) {
  return print_list(context, "/v1/left-alone", "left_alone", {"JOB", "NAME", "TRIES", "REASON"},
                    [](const auto& job) {
                      return Row{text_of(job, "job"), text_of(job, "name"),
                                 std::to_string(number_of(job, "tries")), text_of(job, "reason")};
                    });
}

}  // namespace baton::client
