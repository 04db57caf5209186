#include "client/local/kept_run.h"

#include <unistd.h>

#include <utility>

namespace baton::client {
namespace {

SessionProblem of_file(const sqlite::FileError& error) {
  using Kind = sqlite::FileError::Kind;
  if (error.kind == Kind::Missing) return wrong(error.message);
  return error.kind == Kind::Trouble ? trouble(error.message) : refused(error.message);
}

}  // namespace

std::string runner_name(const RunOptions& options) {
  return options.executor + " (pid " + std::to_string(::getpid()) + ")";
}

MaybeProblem KeptRun::open(sqlite::StateFile::IfMissing if_missing) {
  if (options_.dry_run) return open_copy(if_missing);
  return take(sqlite::FlowFile::open(options_.state, if_missing, loop_, loop_));
}

MaybeProblem KeptRun::open_copy(sqlite::StateFile::IfMissing if_missing) {
  auto file = sqlite::FlowFile::open_copy(options_.state, loop_, loop_);
  const bool missing = !file.ok() && file.error().kind == sqlite::FileError::Kind::Missing;
  if (!missing || if_missing == sqlite::StateFile::IfMissing::Refuse) return take(std::move(file));
  const auto why = sqlite::StateFile::why_not_made(options_.state);
  return why ? MaybeProblem(of_file(*why)) : std::nullopt;
}

MaybeProblem KeptRun::take(Result<std::unique_ptr<sqlite::FlowFile>, sqlite::FileError> file) {
  if (!file.ok()) return of_file(file.error());
  file_ = std::move(file).value();
  store_ = file_->open_store();
  return std::nullopt;
}

std::string KeptRun::shown() const {
  return "run " + std::to_string(job()->run) + " of the flow '" + job()->flow_name + "'";
}

bool KeptRun::is_of(const LocalFlow& flow) const {
  return job() && job()->board_path == kLocalBoard && posting().details == flow.details;
}

SessionProblem KeptRun::refuse_held(const LocalFlow& flow) const {
  const std::string state(to_string(job()->state));
  if (!is_of(flow))
    return refused(options_.state + " holds another flow: " + shown() + ", " + state +
                   "\n  hint: name another file");
  return refused(options_.state + " holds " + shown() + " already, " + state + "\n  hint: baton " +
                 (is_final(job()->state) ? "rerun" : "resume") + " --state " + options_.state +
                 ", or name another file");
}

MaybeProblem KeptRun::refuse_not_ours() const {
  if (job() && job()->board_path == kLocalBoard) return std::nullopt;
  return refused(options_.state +
                 (job() ? " is a file of baton dev\n  hint: baton dev --state " + options_.state
                        : " holds no run\n  hint: baton run FLOW --state " + options_.state + " begins one"));
}

MaybeProblem KeptRun::ask_for_next_run() {
  ports::OrderRequest request;
  request.job = job()->uuid;
  request.last_run = job()->run;
  request.order.kind = OrderKind::Rerun;
  request.order.keep = !options_.anew;
  request.order.who = options_.who.empty() ? runner_name(options_) : options_.who;
  request.order.why = options_.why;
  const auto outcome = file_->database().order(request, loop_.wall());
  if (!outcome.ok()) return refused(outcome.error().message);
  if (outcome->verdict == ports::OrderVerdict::Recorded) return std::nullopt;
  return refused(options_.state + " holds " + shown() + ", which cannot be run again: it is " +
                 std::string(to_string(job()->state)));
}

MaybeProblem KeptRun::decode_plan(local::Beginning& begin) const {
  if (!is_begun())
    return refused(options_.state +
                   " holds a run that was ended before its first record\n  hint: baton run FLOW --state " +
                   options_.state + " begins it");
  auto plan = engine::decode(*file_->plan_of(job()->uuid));
  if (!plan.ok()) return refused(options_.state + ": " + plan.error().message);
  begin.job = job()->uuid;
  begin.plan = std::move(plan).value();
  begin.plan_kept = true;
  return std::nullopt;
}

/// Nobody else can have the file: each claim is the next one. It is on the disk with the run's first step,
/// before which nothing begins: each sync costs a start some milliseconds.
MaybeProblem KeptRun::claim(const Posting& posting, Epoch after, local::Beginning& begin) {
  ports::ClaimRequest request;
  request.new_flow = FlowId(entropy_.uuid());
  request.posting = posting;
  request.board_path = request.board_id = kLocalBoard;
  request.lock_czxid = after.lock_czxid + 1;
  request.conductor = Incarnation(entropy_.uuid());
  request.conductor_name = runner_name(options_);
  const auto outcome = file_->database().claim(request, loop_.wall());
  if (!outcome.ok()) return trouble(outcome.error().message);
  if (outcome->verdict != ports::ClaimVerdict::Owned)
    return refused(options_.state + " does not let itself be claimed");
  begin.job = posting.uuid;
  begin.flow = outcome->flow;
  begin.epoch = outcome->epoch;
  begin.run = outcome->run;
  return std::nullopt;
}

MaybeProblem KeptRun::load_claimed(local::Beginning& begin) {
  auto snapshot = file_->database().load(begin.flow, begin.epoch, loop_.wall());
  if (!snapshot.ok()) return trouble(snapshot.error().message);
  begin.state = snapshot->state;
  begin.atoms = std::move(snapshot->atoms);
  begin.last_seq = snapshot->last_seq;
  for (const auto& order : snapshot->orders)
    if (begins_run(order.order.kind) && !order.taken_at) begin.asked = order;
  return std::nullopt;
}

}  // namespace baton::client
