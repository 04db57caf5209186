#include "client/local/local_run.h"

#include <unistd.h>

#include <ostream>

#include "client/command/refusal.h"
#include "client/local/dry_run.h"
#include "client/local/picture.h"
#include "client/local/system_refusal.h"
#include "common/runtime/signals.h"

namespace baton::client {

LocalRun::LocalRun(const Context& context, const RunOptions& options)
    : context_(context), options_(options), session_(options), progress_(context, session_, options.quiet) {}

Ended LocalRun::once(const Context& context, const RunOptions& options, Way way) {
  auto ended = Ended::Success;
  const auto refused = refused_by_system([&] { ended = (LocalRun(context, options).*way)(); });
  return refused ? refuse_as(context, Ended::Unreachable, *refused) : ended;
}

Ended LocalRun::run() {
  return go(session_.begin(
      [this](conductor::ModuleCatalogue& catalogue) { return compile_local(options_, catalogue); }));
}

Ended LocalRun::resume() {
  return go(session_.go_on());
}

Ended LocalRun::rerun() {
  return go(session_.begin_next());
}

Ended LocalRun::go(const MaybeProblem& problem) {
  if (problem) return refuse_as(context_, problem->how, problem->what);
  if (options_.dry_run) return tell_dry_run(context_, options_, session_);
  const runtime::Signals signals(
      session_.loop(), [this] { stop(); }, static_cast<int>(Ended::Stopped));
  session_.drive();
  progress_.clear_bar();
  return session_.lost().empty() ? finish() : give_up();
}

/// With a state file nothing is lost by stopping; without one, what was done is put back.
void LocalRun::stop() {
  progress_.clear_bar();
  context_.err << (session_.is_kept() ? "baton: stopping when what runs has ended"
                                      : "baton: cancelled, what was done is reverted")
               << "; once more: at once" << std::endl;
  session_.stop();
}

/// Tasks that still run are not waited for: their guards and slots see this process end.
Ended LocalRun::give_up() {
  refuse_as(context_, Ended::Unreachable,
            "the run cannot go on: " + session_.lost() +
                (session_.is_kept() ? "\n  hint: what is recorded is safe; baton resume --state " +
                                          options_.state + " goes on from there"
                                    : ""));
  context_.out << std::flush;
  ::_exit(static_cast<int>(Ended::Unreachable));
}

Ended LocalRun::finish() {
  print_picture(context_, session_.detail(), session_.plan(), session_.loop().wall());
  if (!is_final(session_.end()))
    context_.err << "baton: " << to_string(session_.end())
                 << (session_.is_kept()
                         ? "\n  hint: baton resume --state " + options_.state + " goes on with it"
                         : "\n  hint: with --state FILE it could be gone on with; nothing of it was kept")
                 << std::endl;
  if (session_.end() == FlowState::Success) return Ended::Success;
  return session_.was_stopped() ? Ended::Stopped : Ended::FlowFailed;
}

}  // namespace baton::client
