#include "client/command/show_text.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <ostream>
#include <vector>

#include "client/command/context.h"
#include "client/command/table.h"
#include "common/model/name_list.h"

namespace baton::client {
namespace {

constexpr std::size_t kResultShownMax = 120;  // bytes of a result on its line
constexpr std::size_t kSubjectWidth = 20;     // of a history's lines; a longer name shifts its line

const boost::json::value* member(const boost::json::value& value, const char* name) {
  const auto* object = value.if_object();
  return object ? object->if_contains(name) : nullptr;
}

std::string failure_text(const boost::json::value& failure) {
  return text_of(failure, "type") + ": " + text_of(failure, "message");
}

std::string try_text(const boost::json::value& atom) {
  const auto attempt = number_of(atom, "attempt");
  return attempt > 1 ? "  attempt " + std::to_string(attempt) : "";
}

void print_atom(std::ostream& out, const boost::json::value& atom, std::size_t depth, bool colours) {
  out << std::string(depth * 2, ' ') << text_of(atom, "name") << "  "
      << shown_state(text_of(atom, "state"), colours) << try_text(atom);
  if (const auto* worker = member(atom, "worker")) out << "  on " << std::string(worker->as_string());
  if (member(atom, "duration_ms")) out << "  " << shown_duration(number_of(atom, "duration_ms"));
  const std::string indent = "\n" + std::string(depth * 2 + 4, ' ');
  if (const auto* waiting = member(atom, "waiting"))
    out << indent << "waits: " << text_of(*waiting, "reason");
  if (const auto* failure = member(atom, "failure")) out << indent << failure_text(*failure);
  if (const auto* failure = member(atom, "revert_failure"))
    out << indent << "revert: " << failure_text(*failure);
  if (const auto* result = member(atom, "result"))
    out << indent << "result: " << shown_name(boost::json::serialize(*result), kResultShownMax);
  out << '\n';
}

/// One that nobody has carried out yet.
void print_order(std::ostream& out, const boost::json::value& order) {
  const auto why = text_of(order, "reason");
  const auto atom = text_of(order, "atom");
  const auto flag = [&](const char* name) {
    const auto* value = member(order, name);
    return value && value->is_bool() && value->get_bool() ? std::string(" --") + name : std::string();
  };
  out << "  asked for  " << text_of(order, "order") << (atom.empty() ? "" : " " + atom) << flag("keep")
      << flag("anew") << " by " << text_of(order, "who") << " at " << shown_time(text_of(order, "ordered_at"))
      << (why.empty() ? "" : ": " + why) << "\n";
}

std::vector<std::string> scope_of(const boost::json::value& atom) {
  std::vector<std::string> scope;
  if (const auto* flows = member(atom, "scope"))
    for (const auto& flow : flows->as_array()) scope.emplace_back(flow.as_string());
  return scope;
}

/// Prints the flows that are entered on the way from one atom to the next.
void print_scope(std::ostream& out, const std::vector<std::string>& now,
                 const std::vector<std::string>& before) {
  std::size_t same = 0;
  while (same < now.size() && same < before.size() && now[same] == before[same]) ++same;
  for (std::size_t i = same; i < now.size(); ++i) out << std::string(i * 2, ' ') << now[i] << "/\n";
}

}  // namespace

std::string shown_time(const std::string& rfc3339) {
  const auto point = rfc3339.find('.');
  if (point == std::string::npos || rfc3339.size() < point + 5) return rfc3339;
  return rfc3339.substr(0, point + 4) + "Z";
}

std::string shown_reason(const boost::json::value& job) {
  std::string reason = text_of(job, "waiting_for");
  if (const auto* failure = member(job, "failure"); failure && reason.empty())
    reason = failure_text(*failure);
  std::replace(reason.begin(), reason.end(), '\n', ' ');
  return shown_name(reason, kResultShownMax);
}

std::string shown_state(const std::string& state, bool colours) {
  if (!colours) return state;
  const char* colour = "33";
  if (state == "SUCCESS") colour = "32";
  if (state == "FAILURE" || state == "REVERT_FAILURE" || state == "REJECTED" || state == "TRASHED")
    colour = "31";
  if (state == "REVERTED" || state == "CANCELLED") colour = "35";
  if (state == "PENDING" || state == "IGNORE") colour = "90";
  return "\033[" + std::string(colour) + "m" + state + "\033[0m";
}

void print_job(std::ostream& out, const boost::json::value& job, bool colours) {
  out << text_of(job, "name") << "  " << shown_state(text_of(job, "state"), colours)
      << (member(job, "cancelling") ? ", cancelling" : "") << "  " << number_of(job, "atoms_done") << "/"
      << number_of(job, "atoms_total") << " atoms";
  if (number_of(job, "run") > 1) out << "  run " << number_of(job, "run");
  out << "\n  uuid       " << text_of(job, "uuid") << "\n  flow       " << shown_flow(job)
      << "\n  posted     " << shown_time(text_of(job, "posted_at")) << "\n";
  if (const auto* details = member(job, "details"))
    if (const auto reason = text_of(*details, "reason"); !reason.empty())
      out << "  reason     " << reason << "\n";
  if (const auto* conductor = member(job, "conductor"))
    out << "  conductor  " << std::string(conductor->as_string()) << "\n";
  if (member(job, "duration_ms"))
    out << "  took       " << shown_duration(number_of(job, "duration_ms")) << "\n";
  if (const auto* why = member(job, "waiting_for"))
    out << "  waits for  " << std::string(why->as_string()) << "\n";
  if (const auto* orders = member(job, "orders"))
    for (const auto& order : orders->as_array()) print_order(out, order);
  if (const auto* failure = member(job, "failure")) out << "  failure    " << failure_text(*failure) << "\n";
  const auto* atoms = member(job, "atoms");
  if (!atoms || atoms->as_array().empty()) return;
  out << "\n";
  std::vector<std::string> before;
  for (const auto& atom : atoms->as_array()) {
    const auto scope = scope_of(atom);
    print_scope(out, scope, before);
    print_atom(out, atom, scope.size(), colours);
    before = scope;
  }
  if (member(job, "atoms_next")) out << "… more atoms: --output json shows the cursor\n";
}

std::string shown_flow(const boost::json::value& job) {
  const auto version = number_of(job, "flow_version");
  return text_of(job, "flow") + (version > 0 ? "@" + std::to_string(version) : "");
}

std::string history_line(const boost::json::value& row, bool colours) {
  std::string subject = text_of(row, "atom");
  const auto* range = member(row, "range");
  if (range) subject = text_of(*range, "first") + " … " + text_of(*range, "last");
  if (subject.empty()) subject = "(flow)";
  const std::string state = text_of(row, "state");
  std::string what = text_of(row, "what");
  if (what.starts_with(state)) what = shown_state(state, colours) + what.substr(state.size());
  std::string line = shown_time(text_of(row, "at")) + "  " + padded(subject, kSubjectWidth) + "  " + what;
  const auto* data = member(row, "data");
  const auto* result = data ? member(*data, "result") : nullptr;
  if (result) line += "  " + shown_name(boost::json::serialize(*result), kResultShownMax);
  return line;
}

}  // namespace baton::client
