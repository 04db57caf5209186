#include "client/local/live_progress.h"

#include <ostream>
#include <utility>

#include "client/command/progress.h"
#include "client/command/show_text.h"
#include "client/command/table.h"
#include "common/model/name_list.h"
#include "common/model/states.h"

namespace baton::client {
namespace {

constexpr std::size_t kNameWidth = 20;       // a longer name shifts its line
constexpr std::size_t kValueShownMax = 120;  // bytes of a result on its line
constexpr std::size_t kRunningShownMax = 3;  // names beside the bar

std::string first_line(std::string_view text) {
  return shown_name(text.substr(0, text.find('\n')), kValueShownMax);
}

std::string outcome_of(const AtomFact& fact) {
  const AtomRecord& after = fact.after;
  if (fact.changed & kFailureChanged && after.failure)
    return first_line(after.failure->type + ": " + after.failure->message);
  if (fact.changed & kRevertFailureChanged && after.revert_failure)
    return first_line(after.revert_failure->type + ": " + after.revert_failure->message);
  if (fact.changed & kResultChanged && !after.result.is_null()) return first_line(after.result.json());
  return {};
}

}  // namespace

LiveProgress::LiveProgress(const Context& context, LocalSession& session, bool quiet)
    : context_(context), session_(session), bar_(context.terminal) {
  if (!quiet && !context.json) session_.notifier().add(*this);
}

void LiveProgress::on_atom(const local::AtomChange& change) {
  if (!change.fact) return;                                // many at once: what follows is told
  if (bar_ && change.state == AtomState::Running) return;  // the bar has it
  clear_bar();
  context_.out << shown_time(to_rfc3339(change.at)) << "  "
               << padded(shown_name(change.engine.plan().name(change.atom)), kNameWidth) << "  "
               << shown_state(std::string(to_string(change.state)), context_.colours);
  if (change.attempt > 1) context_.out << "  attempt " << change.attempt;
  if (const auto outcome = outcome_of(*change.fact); !outcome.empty()) context_.out << "  " << outcome;
  context_.out << '\n';
}

void LiveProgress::on_step(const engine::Engine& engine) {
  context_.out << std::flush;
  if (!bar_ || std::exchange(bar_due_, true)) return;
  session_.loop().after(kBarEvery, [this, &engine] {
    bar_due_ = false;
    if (!session_.is_over()) show_bar(engine);
  });
}

void LiveProgress::show_bar(const engine::Engine& engine) {
  clear_bar();
  context_.out << progress_bar(static_cast<std::int64_t>(engine.done()),
                               static_cast<std::int64_t>(engine.plan().size()));
  const auto running = session_.running(kRunningShownMax + 1);
  for (std::size_t i = 0; i < running.size() && i < kRunningShownMax; ++i)
    context_.out << (i == 0 ? "  " : ", ") << shown_name(engine.plan().name(running[i]));
  if (running.size() > kRunningShownMax) context_.out << " …";
  context_.out << std::flush;
  bar_there_ = true;
}

void LiveProgress::clear_bar() {
  if (!std::exchange(bar_there_, false)) return;
  context_.out << "\r\033[K" << std::flush;
}

}  // namespace baton::client
