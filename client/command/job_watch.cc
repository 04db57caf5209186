#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <ostream>

#include "client/command/commands.h"
#include "client/command/show_text.h"
#include "client/event_stream_reader.h"
#include "common/model/states.h"

namespace baton::client {
namespace {

constexpr int kBarWidth = 30;
constexpr int kReconnectsMax = 20;  // of a stream that breaks off; each goes on behind the last event seen

/// What has been seen of a job so far.
struct Progress {
  const Context& context;
  std::int64_t total = 0, done = 0;
  std::string last_id, flow_state;

  void bar() const {
    if (!context.terminal || context.json || total == 0) return;
    const auto filled = static_cast<std::size_t>(kBarWidth * done / total);
    context.out << "\r\033[K[" << std::string(filled, '#') << std::string(kBarWidth - filled, '-') << "] "
                << done << "/" << total << std::flush;
  }
  void clear_bar() const {
    if (context.terminal && !context.json) context.out << "\r\033[K";
  }

  /// False: the job is over.
  bool take(const ServerEvent& event) {
    if (event.type == "end") return true;
    boost::json::error_code code;
    const auto data = boost::json::parse(event.data, code);
    if (code || !data.is_object() || !data.get_object().contains("row")) return true;
    last_id = event.id;
    const auto& row = data.at("row");
    clear_bar();
    context.out << (context.json ? boost::json::serialize(row) : history_line(row, context.terminal))
                << std::endl;
    const auto state = text_of(row, "state");
    const bool flow = text_of(row, "atom").empty();
    if (!flow && (state == "SUCCESS" || state == "IGNORE")) ++done;
    if (!flow && state == "REVERTED" && done > 0) --done;
    bar();
    if (!flow) return true;
    flow_state = state;
    const auto known = flow_state_from(state);
    return !known || !is_final(*known);
  }
};

Ended ended_as(const std::string& state) {
  return state == "SUCCESS" ? Ended::Success : Ended::FlowFailed;
}

}  // namespace

Ended watch_job(const Context& context, const std::string& uuid) {
  Progress progress{context, 0, 0, "0", ""};
  for (int tries = 0; tries <= kReconnectsMax; ++tries) {
    EventStreamReader reader;
    bool going_on = true;
    const auto answer = context.http.stream(
        job_target(uuid) + "/events", {{"Last-Event-ID", progress.last_id}}, [&](std::string_view bytes) {
          return going_on =
                     reader.feed(bytes, [&](const ServerEvent& event) { return progress.take(event); });
        });
    progress.clear_bar();
    if (!going_on) return ended_as(progress.flow_state);
    if (answer.ok() && answer->status != 200) return refuse(context, *answer);
    const auto job =
        context.http.get(job_target(uuid));  // the stream ended: is the job over, or only the stream?
    if (!job.ok()) continue;
    if (job->status != 200) return refuse(context, *job);
    progress.total = number_of(job->body, "atoms_total");
    const auto state = flow_state_from(text_of(job->body, "state"));
    if (state && is_final(*state)) return ended_as(text_of(job->body, "state"));
  }
  return refuse(context,
                Unreachable{"the stream of events broke off " + std::to_string(kReconnectsMax) + " times"});
}

}  // namespace baton::client
