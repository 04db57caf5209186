#include "client/command/refusal.h"
#include "client/command/printing.h"

#include <ostream>

#include "client/command/terminal_text.h"

namespace baton::client {
namespace {

struct Kind {
  const char* type;
  const char* title;
};

Kind kind_of(Ended how) {
  switch (how) {
    case Ended::Usage:
      return {"usage", "The arguments are wrong"};
    case Ended::Unreachable:
      return {"unreachable", "A server is not there"};
    case Ended::Refused:
      return {"refused", "A server has refused it"};
    case Ended::Success:
    case Ended::FlowFailed:
    case Ended::Stopped:
      break;
  }
  return {"failed", "It was not done"};
}

/// A mistake in a flow file, shown with its line.
bool in_file(const boost::json::value& error) {
  return !text_of(error, "shown").empty();
}

void print_for_people(std::ostream& err, const Answer& answer) {
  const auto problem = for_terminal(answer.body);
  err << "baton: " << text_of(problem, "title") << " (" << answer.status << ")\n";
  const auto detail = text_of(problem, "detail");
  if (!detail.empty()) err << "  " << detail << '\n';
  const auto* errors = problem.get_object().if_contains("errors");
  if (!errors || !errors->is_array()) return;
  for (const auto& error : errors->get_array())
    if (text_of(error, "detail") != detail)  // the only thing that is wrong is told already
      err << "  "
          << (in_file(error) ? text_of(error, "shown")
                             : text_of(error, "pointer") + " " + text_of(error, "detail"))
          << '\n';
}

}  // namespace

bool is_problem(const Answer& answer) {
  return text_of(answer.body, "type").starts_with("urn:baton:problem:");
}

Ended refuse_as(const Context& context, Ended how, const std::string& what) {
  if (!context.json) return context.err << "baton: " << for_terminal(what) << '\n', how;
  const auto kind = kind_of(how);
  boost::json::object problem;
  problem["type"] = std::string("urn:baton:problem:") + kind.type;
  problem["title"] = kind.title;
  problem["detail"] = what;
  return print_problem(context, problem), how;
}

Ended refuse_usage(const Context& context, const std::string& what) {
  return refuse_as(context, Ended::Usage, what);
}

Ended refuse(const Context& context, const Unreachable& error) {
  return refuse_as(context, Ended::Unreachable, error.message);
}

Ended refuse_shape(const Context& context, const Answer& answer) {
  const bool json = answer.content_type.starts_with("application/json");
  const std::string type = answer.content_type.empty() ? "no Content-Type" : answer.content_type;
  return refuse_as(context, Ended::Unreachable,
                   answer.from + " is no Baton conductor: it answers " + answer.asked + " with " +
                       std::to_string(answer.status) + " and " + type + (json ? " of another shape" : "") +
                       "\n  hint: --api, --profile or BATON_API says where a conductor is");
}

Ended refuse(const Context& context, const Answer& answer) {
  if (!is_problem(answer)) return refuse_shape(context, answer);
  if (context.json)
    print_problem(context, answer.body);
  else
    print_for_people(context.err, answer);
  return Ended::Refused;
}

}  // namespace baton::client
