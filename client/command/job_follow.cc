#include <optional>
#include <ostream>
#include <utility>

#include "client/command/job_follow.h"
#include "client/command/printing.h"
#include "client/command/progress.h"
#include "client/command/refusal.h"
#include "client/command/show_text.h"
#include "client/command/terminal_text.h"
#include "client/job_rows.h"
#include "common/model/states.h"

namespace baton::client {
namespace {

/// Takes a job's rows as they come.
class Watch {
 public:
  Watch(const Context& context, const std::string& uuid, const Following& following)
      : context_(context),
        target_(job_target(uuid)),
        following_(following),
        shown_(following.from_order == 0) {}

  const std::string& target() const { return target_; }
  const std::optional<Ended>& ended() const { return ended_; }

  /// False: it has been followed far enough.
  bool take(const boost::json::value& row) {
    show(row);
    progress_.take(row);
    learn_total(row);
    ended_ = following_.row(row, progress_.flow_state());
    // Before what is shown, an earlier run may have ended.
    if (!ended_ && shown_ && is_flow_state(row) && progress_.ended())
      ended_ = following_.end(progress_.flow_state());
    if (shows_bar() && shown_ && !ended_) context_.out << progress_.bar() << std::flush;
    return !ended_;
  }
  void clear_bar() const {
    if (shows_bar()) context_.out << "\r\033[K";
  }

 private:
  static bool is_flow_state(const boost::json::value& row) {
    return text_of(row, "atom").empty() && !text_of(row, "state").empty();
  }
  void show(const boost::json::value& row) {
    const auto* order = row.as_object().if_contains("order");
    shown_ = shown_ || (order && whole_number_of(*order, "id") == following_.from_order);
    if (!shown_) return;
    clear_bar();
    if (context_.json) return print_value(context_, row);
    context_.out << history_line(for_terminal(row), context_.colours) << std::endl;
  }
  bool shows_bar() const { return context_.terminal && !context_.json; }

  /// The plan is recorded with the flow's first state.
  void learn_total(const boost::json::value& row) {
    if (!shows_bar() || text_of(row, "state").empty() || std::exchange(total_asked_, true)) return;
    const auto job = context_.http.get(target_ + "?atoms_limit=0");
    if (job.ok() && job->status == 200) progress_.set_total(whole_number_of(job->body, "atoms_total"));
  }

  const Context& context_;
  const std::string target_;
  const Following& following_;
  bool shown_;
  std::optional<Ended> ended_;
  Progress progress_;
  bool total_asked_ = false;
};

/// Whether the job is over, when all its rows were told; nullopt: it goes on, or nobody can tell now.
std::optional<Ended> ended_meanwhile(const Context& context, const std::string& target,
                                     const Following& following, JobRows& rows) {
  const auto job = context.http.get(target + "?atoms_limit=0");
  if (!job.ok() || may_pass(job->status)) return std::nullopt;
  if (job->status != 200) return refuse(context, *job);
  const auto state = flow_state_from(text_of(job->body, "state"));
  if (!state) return refuse_shape(context, *job);
  if (const auto run = whole_number_of(job->body, "run"); run > 0 && run < following.run) {
    rows.forget_breaks();  // nobody has claimed the run yet; that may take its time
    return std::nullopt;
  }
  return is_final(*state) ? std::optional(following.end(text_of(job->body, "state"))) : std::nullopt;
}

}  // namespace

Ended follow_job(const Context& context, const std::string& uuid, const Following& following) {
  Watch watch(context, uuid, following);
  JobRows rows(context.http, watch.target());
  while (rows.again()) {
    using Read = JobRows::Read;
    const Read read = rows.read([&](const std::string&, const auto& row) { return watch.take(row); });
    watch.clear_bar();
    if (read == Read::Stopped) return *watch.ended();
    if (read == Read::Refused) return refuse(context, rows.answer());
    if (read == Read::Garbled) return refuse_as(context, Ended::Refused, rows.why());
    if (read != Read::All) continue;  // a job that has ended may have rows that were not told
    if (const auto ended = ended_meanwhile(context, watch.target(), following, rows)) return *ended;
  }
  return refuse(context, Unreachable{rows.why()});
}

}  // namespace baton::client
