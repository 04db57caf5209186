#include "conductor/api/sse_text.h"

#include <algorithm>

#include "conductor/api/job_json.h"

namespace baton::api {
namespace {

/// Line ends outside of strings are white space to JSON and the end of a field to an event stream.
std::string on_one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return text;
}

}  // namespace

std::string to_sse(const ports::EventRow& event) {
  JsonText json;
  json.begin_object().member("job", event.job.value).key("row");
  write_history_row(json, event.row);
  json.end_object();
  return "id: " + std::to_string(event.row.id) +
         "\nevent: " + (event.row.atom.empty() && !event.row.range ? "flow" : "atom") +
         "\ndata: " + on_one_line(json.take()) + "\n\n";
}

std::string sse_end(std::string_view why) {
  JsonText json;
  json.begin_object().member("reason", why).end_object();
  return "event: end\ndata: " + json.take() + "\n\n";
}

std::string sse_comment(std::string_view text) {
  return ": " + on_one_line(std::string(text)) + "\n\n";
}

bool ends_job(const ports::HistoryRow& row) {
  if (!row.atom.empty()) return false;
  const auto state = flow_state_from(row.state);
  return state && is_final(*state);
}

}  // namespace baton::api
