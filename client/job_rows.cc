#include "client/job_rows.h"

#include <boost/json/parse.hpp>
#include <optional>
#include <thread>
#include <utility>

#include "client/event_stream_reader.h"
#include "common/model/name_list.h"

namespace baton::client {
namespace {

bool is_stream(const Answer& answer) {
  return answer.status == 204 || answer.content_type.starts_with("text/event-stream");
}

/// nullopt: it has none.
std::optional<boost::json::value> row_of(const ServerEvent& event) {
  boost::json::error_code code;
  auto data = boost::json::parse(event.data, code, {}, kParseOptions);
  auto* object = code ? nullptr : data.if_object();
  auto* row = object ? object->if_contains("row") : nullptr;
  if (!row || !row->is_object()) return std::nullopt;
  return std::move(*row);
}

}  // namespace

bool may_pass(unsigned status) {
  return status == 503 || status == 504;
}

JobRows::JobRows(const HttpClient& http, const std::string& job_target, Patience patience)
    : http_(http), target_(job_target + "/events"), patience_(patience) {}

bool JobRows::again() {
  if (!std::exchange(begun_, true)) return true;
  if (breaks_ == patience_.breaks_max) {
    why_ = "the stream of events broke off " + std::to_string(breaks_) + " times; at last: " + why_;
    return false;
  }
  ++breaks_;
  std::this_thread::sleep_for(patience_.pause);
  return true;
}

JobRows::Read JobRows::read(const OnRow& on_row) {
  EventStreamReader reader;
  bool ended = false;
  std::optional<Read> broken_by_us;
  const auto take = [&](const ServerEvent& event) {
    ended = event.type == "end";
    if (ended) return true;
    const auto row = row_of(event);
    if (!row) {
      why_ = "the event behind row " + shown_name(last_id_) + " in GET " + target_ +
             " is no row of a job's history";
      broken_by_us = Read::Garbled;
      return false;
    }
    last_id_ = event.id;
    if (!on_row(event.id, *row)) broken_by_us = Read::Stopped;
    return !broken_by_us;
  };
  const auto answer = http_.stream(target_, {{"Last-Event-ID", last_id_}}, [&](std::string_view bytes) {
    breaks_ = 0;
    return reader.feed(bytes, take);
  });
  return broken_by_us ? *broken_by_us : judge(answer, ended);
}

JobRows::Read JobRows::judge(const Result<Answer, Unreachable>& answer, bool ended) {
  if (!answer.ok()) {
    why_ = answer.error().message;
    return ended ? Read::All : Read::Broken;
  }
  answer_ = *answer;
  const std::string asked = answer->asked + " at " + answer->from + ": ";
  why_ = asked + "no row follows, and the job has not ended";
  if (answer->status == 204 || ended) return Read::All;
  why_ = asked +
         (is_stream(*answer) ? "the stream ended before its event 'end'" : std::to_string(answer->status));
  return is_stream(*answer) || may_pass(answer->status) ? Read::Broken : Read::Refused;
}

}  // namespace baton::client
