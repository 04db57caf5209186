#include "client/local/picture.h"
#include "client/command/printing.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <ostream>

#include "client/command/show_text.h"
#include "client/command/terminal_text.h"
#include "conductor/api/job_json.h"

namespace baton::client {
namespace {

constexpr std::size_t kAtomsShownMax = 200;  // for people

bool went_well(const ports::AtomView& atom) {
  return atom.record.state == AtomState::Success || atom.record.state == AtomState::Ignore;
}

/// Those that people look for in a large flow.
std::vector<ports::AtomView> to_show(const std::vector<ports::AtomView>& atoms) {
  if (atoms.size() <= kAtomsShownMax) return atoms;
  std::vector<ports::AtomView> chosen;
  for (const auto& atom : atoms)
    if (!went_well(atom) && chosen.size() < kAtomsShownMax) chosen.push_back(atom);
  return chosen;
}

std::string json_of(const ports::JobDetail& detail, const std::vector<ports::AtomView>& atoms,
                    const engine::Plan& plan, TimePoint now) {
  api::JsonText json;
  json.begin_object();
  api::write_summary(json, detail.summary, "");
  json.member("details", detail.posting.details);
  json.key("atoms").begin_array();
  for (const auto& atom : atoms) api::write_atom(json, atom, {&plan, nullptr, nullptr, now});
  json.end_array().end_object();
  return json.take();
}

}  // namespace

void print_picture(const Context& context, const ports::JobDetail& detail, const engine::Plan& plan,
                   TimePoint now) {
  if (context.json) {
    return print_json(context, json_of(detail, detail.atoms, plan, now));
  }
  const auto shown = to_show(detail.atoms);
  print_job(context.out, for_terminal(boost::json::parse(json_of(detail, shown, plan, now))),
            context.colours);
  if (shown.size() < detail.atoms.size())
    context.out << "… " << detail.atoms.size() - shown.size()
                << " more atoms, most of them in SUCCESS: --output json has them\n";
  context.out << std::flush;
}

}  // namespace baton::client
