#include <boost/json/serialize.hpp>
#include <ostream>

#include "client/command/asking.h"
#include "client/command/commands.h"
#include "client/command/printing.h"
#include "client/command/refusal.h"
#include "client/command/table.h"
#include "client/command/terminal_text.h"
#include "common/model/name_list.h"

namespace baton::client {
namespace {

using Row = std::vector<std::string>;

std::string one_line(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  return text;
}

/// What becomes of it next, or what became of it.
std::string standing_of(const boost::json::value& call) {
  if (const auto by = text_of(call, "made_by"); !by.empty()) return "being made by " + by;
  const auto state = text_of(call, "state");
  if (state == "pending") return "next at " + text_of(call, "next_at");
  return (state == "done" ? "done at " : "given up at ") + text_of(call, "ended_at");
}

Row row_of(const boost::json::value& call) {
  return {std::to_string(number_of(call, "id")),
          text_of(call, "hook"),
          text_of(call, "event"),
          text_of(call, "job"),
          std::to_string(number_of(call, "attempts")),
          standing_of(call),
          one_line(text_of(call, "error"))};
}

void print_calls(std::ostream& out, const boost::json::value& calls) {
  std::vector<Row> rows;
  for (const auto& call : calls.as_array()) rows.push_back(row_of(call));
  print_table(out, {"CALL", "HOOK", "EVENT", "JOB", "TRIES", "STANDS", "LAST ERROR"}, rows);
}

void print_retry(const Context& context, const HookRetryOptions& options, const boost::json::value& told) {
  if (context.json) return print_value(context, told);
  const auto retry = for_terminal(told);
  context.out << "call " << whole_number_of(retry, "call") << " of hook " << text_of(retry, "hook")
              << " about job " << text_of(retry, "job")
              << (options.dry_run ? " would be made again; nothing was changed" : " will be made again")
              << std::endl;
  if (const auto warning = text_of(retry, "warning"); !warning.empty())
    context.err << "baton: " << warning << std::endl;
}

void print_hooks(std::ostream& out, const boost::json::value& body) {
  std::vector<Row> rows;
  for (const auto& hook : body.at("hooks").as_array()) {
    const auto command = text_of(hook, "command");
    const auto flows = joined(texts_of(hook.at("flows"))),
               priorities = joined(texts_of(hook.at("priorities")));
    rows.push_back({text_of(hook, "name"), joined(texts_of(hook.at("events"))),
                    flows.empty() && priorities.empty()   ? "all"
                    : flows.empty() || priorities.empty() ? flows + priorities
                                                          : flows + "; " + priorities,
                    command.empty() ? text_of(hook, "webhook") : command});
  }
  print_table(out, {"HOOK", "EVENTS", "ONLY", "CALLS"}, rows);
  for (const auto& count : body.at("counts").as_array())
    if (!count.at("here").as_bool() && number_of(count, "pending") > 0)
      out << "\n"
          << number_of(count, "pending") << " calls of '" << text_of(count, "hook")
          << "' wait for a conductor that has this hook; " << text_of(body, "seen_by") << " has not\n";
  for (const char* kind : {"given_up", "pending"}) {
    if (body.at(kind).as_array().empty()) continue;
    out << (kind[0] == 'g' ? "\ngiven up, nobody has been told:\n" : "\npending:\n");
    print_calls(out, body.at(kind));
  }
}

}  // namespace

Ended list_hooks(const Context& context) {
  return ask_and_print(context, "/v1/hooks", "hooks", print_hooks);
}

Ended list_hooks_of(const Context& context, const std::string& uuid) {
  return ask_and_print(context, job_target(uuid) + "/hooks", "calls",
                       [](std::ostream& out, const auto& body) { print_calls(out, body.at("calls")); });
}

Ended test_hook(const Context& context, const std::string& name) {
  auto answer = context.http.post(hook_target(name) + "/test", "", {});
  if (!answer.ok()) return refuse(context, answer.error());
  if (answer->status != 200) return refuse(context, *answer);
  if (!answer->body.is_object() || !answer->body.get_object().contains("taken"))
    return refuse_shape(context, *answer);
  const bool taken = answer->body.at("taken") == true;
  if (context.json) {
    print_value(context, answer->body);
    return taken ? Ended::Success : Ended::FlowFailed;
  }
  const auto printed = print(context, *answer, [&](std::ostream& out, const auto& body) {
    out << name << (taken ? ": taken" : ": failed: " + text_of(body, "error")) << "\n";
  });
  return printed == Ended::Success && !taken ? Ended::FlowFailed : printed;
}

Ended retry_hook_call(const Context& context, const HookRetryOptions& options) {
  boost::json::object body{{"who", options.who.empty() ? who_we_are() : options.who}};
  if (!options.reason.empty()) body["reason"] = options.reason;
  const auto target = hook_call_target(options.call) + "/retry" + (options.dry_run ? "?dry_run=true" : "");
  const auto answer = context.http.post(target, boost::json::serialize(body), {});
  if (!answer.ok()) return refuse(context, answer.error());
  if (answer->status != (options.dry_run ? 200 : 202)) return refuse(context, *answer);
  if (text_of(answer->body, "hook").empty()) return refuse_shape(context, *answer);
  print_retry(context, options, answer->body);
  return Ended::Success;
}

void print_hook_calls(const Context& context, const std::string& uuid) {
  const auto answer = context.http.get(job_target(uuid) + "/hooks");
  if (!answer.ok() || answer->status != 200) return;  // a conductor that knows of no hooks
  const auto* body = answer->body.if_object();
  const auto* calls = body ? body->if_contains("calls") : nullptr;
  if (!calls || !calls->is_array() || calls->get_array().empty()) return;
  (void)print(context, *answer, [](std::ostream& out, const auto& all) {
    out << "\nhooks\n";
    print_calls(out, all.at("calls"));
  });
}

}  // namespace baton::client
