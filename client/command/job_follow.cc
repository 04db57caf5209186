#include <boost/json/parse.hpp>
#include <chrono>
#include <optional>
#include <ostream>
#include <thread>
#include <utility>

#include "client/command/job_follow.h"
#include "client/command/printing.h"
#include "client/command/progress.h"
#include "client/command/refusal.h"
#include "client/command/show_text.h"
#include "client/event_stream_reader.h"
#include "common/model/states.h"

namespace baton::client {
namespace {

constexpr int kReconnectsMax = 20;  // in a row without an event; each goes on behind the last event seen
constexpr std::chrono::milliseconds kReconnectPause{500};  // a conductor that starts again needs a moment

/// Takes a job's rows as they come.
class Watch {
 public:
  Watch(const Context& context, const std::string& uuid, const Following& following)
      : context_(context),
        target_(job_target(uuid)),
        following_(following),
        shown_(following.from_order == 0) {}

  const std::string& target() const { return target_; }
  const std::string& last_id() const { return last_id_; }
  const std::optional<Ended>& ended() const { return ended_; }

  /// False: it has been followed far enough.
  bool take(const ServerEvent& event) {
    boost::json::error_code code;
    const auto data = boost::json::parse(event.data, code);
    if (event.type == "end" || code || !is_row(data)) return true;
    last_id_ = event.id;
    const auto& row = data.at("row");
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
  static bool is_row(const boost::json::value& data) {
    const auto* object = data.if_object();
    const auto* row = object ? object->if_contains("row") : nullptr;
    return row && row->is_object();
  }
  static bool is_flow_state(const boost::json::value& row) {
    return text_of(row, "atom").empty() && !text_of(row, "state").empty();
  }
  void show(const boost::json::value& row) {
    const auto* order = row.as_object().if_contains("order");
    shown_ = shown_ || (order && number_of(*order, "id") == following_.from_order);
    if (!shown_) return;
    clear_bar();
    if (context_.json) return print_value(context_, row);
    context_.out << history_line(row, context_.colours) << std::endl;
  }
  bool shows_bar() const { return context_.terminal && !context_.json; }

  /// The plan is recorded with the flow's first state.
  void learn_total(const boost::json::value& row) {
    if (!shows_bar() || text_of(row, "state").empty() || std::exchange(total_asked_, true)) return;
    const auto job = context_.http.get(target_ + "?atoms_limit=0");
    if (job.ok() && job->status == 200) progress_.set_total(number_of(job->body, "atoms_total"));
  }

  const Context& context_;
  const std::string target_;
  const Following& following_;
  bool shown_;
  std::optional<Ended> ended_;
  Progress progress_;
  std::string last_id_ = "0";
  bool total_asked_ = false;
};

bool may_pass(unsigned status) {
  return status == 503 || status == 504;  // the conductor, its database or its board has no time now
}

/// Whether the job is over, when its stream is; nullopt: it goes on, or nobody can tell now.
std::optional<Ended> ended_meanwhile(const Context& context, const std::string& target,
                                     const Following& following, int& tries) {
  const auto job = context.http.get(target + "?atoms_limit=0");
  if (!job.ok() || may_pass(job->status)) return std::nullopt;
  if (job->status != 200) return refuse(context, *job);
  const auto state = flow_state_from(text_of(job->body, "state"));
  if (!state) return refuse_shape(context, *job);
  if (const auto run = number_of(job->body, "run"); run > 0 && run < following.run) {
    tries = 0;  // nobody has claimed the run yet; that may take its time
    return std::nullopt;
  }
  return is_final(*state) ? std::optional(following.end(text_of(job->body, "state"))) : std::nullopt;
}

bool is_stream(const Answer& answer) {
  return answer.status == 204 || answer.content_type.starts_with("text/event-stream");
}

}  // namespace

Ended follow_job(const Context& context, const std::string& uuid, const Following& following) {
  Watch watch(context, uuid, following);
  std::string why;
  for (int tries = 0; tries <= kReconnectsMax; ++tries) {
    if (tries > 0) std::this_thread::sleep_for(kReconnectPause);
    EventStreamReader reader;
    bool going_on = true;
    const auto answer = context.http.stream(
        watch.target() + "/events", {{"Last-Event-ID", watch.last_id()}}, [&](std::string_view bytes) {
          tries = 0;
          return going_on = reader.feed(bytes, [&](const ServerEvent& event) { return watch.take(event); });
        });
    watch.clear_bar();
    if (!going_on) return *watch.ended();
    if (!answer.ok()) why = "; at last: " + answer.error().message;
    if (answer.ok() && !is_stream(*answer) && !may_pass(answer->status)) return refuse(context, *answer);
    if (const auto ended = ended_meanwhile(context, watch.target(), following, tries)) return *ended;
  }
  return refuse(context, Unreachable{"the stream of events broke off " + std::to_string(kReconnectsMax) +
                                     " times" + why});
}

}  // namespace baton::client
