#include "client/job_rows.h"

#include <boost/json/parse.hpp>
#include <optional>
#include <utility>

#include "client/event_stream_reader.h"

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

JobRows::JobRows(const HttpClient& http, const std::string& job_target)
    : http_(http), target_(job_target + "/events") {}

JobRows::Read JobRows::read(const OnRow& on_row) {
  EventStreamReader reader;
  bool ended = false;
  std::optional<Read> broken_by_us;
  const auto take = [&](const ServerEvent& event) {
    ended = event.type == "end";
    if (ended) return true;
    const auto row = row_of(event);
    if (!row) {
      why_ = "the event behind row " + last_id_ + " in GET " + target_ + " is no row of a job's history";
      broken_by_us = Read::Garbled;
      return false;
    }
    last_id_ = event.id;
    if (!on_row(event.id, *row)) broken_by_us = Read::Stopped;
    return !broken_by_us;
  };
  heard_ = false;
  const auto answer = http_.stream(target_, {{"Last-Event-ID", last_id_}}, [&](std::string_view bytes) {
    heard_ = true;
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
  if (answer->status == 204 || ended) return Read::All;
  if (is_stream(*answer)) return Read::Broken;
  if (!may_pass(answer->status)) return Read::Refused;
  why_ = answer->asked + " at " + answer->from + ": " + std::to_string(answer->status);
  return Read::Broken;
}

}  // namespace baton::client
