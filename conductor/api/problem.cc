#include "conductor/api/problem.h"

#include "common/model/assert.h"
#include "common/model/limits.h"
#include "common/model/name_list.h"
#include "conductor/api/json_text.h"
#include "flowfile/limits.h"

namespace baton::api {
namespace {

constexpr std::size_t kToldBytesMax =
    16 * kKiB;  // it may quote what the client has sent, which may be anything

void write_place(JsonText& json, const ProblemItem::InFile& place) {
  json.member("file", shown_text(place.file, kToldBytesMax));
  if (place.line > 0)
    json.member("line", std::uint64_t{place.line}).member("column", std::uint64_t{place.column});
  if (!place.hint.empty()) json.member("hint", shown_text(place.hint, kToldBytesMax));
  json.member("shown", shown_text(place.shown, kToldBytesMax));
}

}  // namespace

Response to_response(const Problem& problem) {
  JsonText json;
  json.begin_object();
  json.member("type", "urn:baton:problem:" + problem.kind);
  json.member("title", shown_text(problem.title, kToldBytesMax));
  json.member("status", std::uint64_t{problem.status});
  json.member("detail", shown_text(problem.detail, kToldBytesMax));
  if (!problem.errors.empty()) {
    json.key("errors").begin_array();
    for (const auto& item : problem.errors) {
      json.begin_object();
      if (!item.pointer.empty()) json.member("pointer", shown_text(item.pointer, kToldBytesMax));
      json.member("detail", shown_text(item.detail, kToldBytesMax));
      if (item.in_file) write_place(json, *item.in_file);
      json.end_object();
    }
    json.end_array();
  }
  if (problem.more_errors > 0) json.member("more_errors", std::uint64_t{problem.more_errors});
  json.end_object();
  return {problem.status, "application/problem+json", json.take(), problem.headers};
}

Problem bad_request(std::string detail) {
  return {400, "bad-request", "The request cannot be understood", std::move(detail), {}, {}};
}

namespace {

std::string and_more(std::string detail, std::size_t errors) {
  return errors > 1 ? detail + " (and " + std::to_string(errors - 1) + " more, see errors)" : detail;
}

}  // namespace

Problem bad_body(std::string kind, std::string title, std::vector<ProblemItem> errors) {
  BATON_ASSERT(!errors.empty());
  auto detail = and_more(errors.front().detail, errors.size());
  Problem told{422, std::move(kind), std::move(title), std::move(detail), std::move(errors), {}};
  if (told.errors.size() > flowfile::kProblemsMax) {
    told.more_errors = told.errors.size() - flowfile::kProblemsMax;
    told.errors.resize(flowfile::kProblemsMax);
  }
  return told;
}

Problem no_such_job(const std::string& uuid, const std::optional<TimePoint>& pruned_before) {
  const std::string pruned =
      pruned_before ? "jobs that ended before " + to_rfc3339(*pruned_before) + " have been pruned; " : "";
  return {
      404,
      "no-such-job",
      "No such job",
      "no job '" + uuid + "' is recorded or on the board; " + pruned + "GET /v1/jobs lists those that are",
      {},
      {}};
}

Problem from_store(const ports::StoreError& error) {
  if (error.code == ports::StoreErrorCode::SchemaMismatch)
    return {503, "store-version", "The database is of another version", error.message, {}, {}};
  return {503,
          "store-unavailable",
          "The database does not answer",
          error.message + "; nothing was changed: ask again",
          {},
          {{"Retry-After", "1"}}};
}

Problem bad_flow_file(std::string title, const flowfile::Problems& problems) {
  Problem told{422, "bad-flow-file", std::move(title), and_more(problems.front().what, problems.size()), {},
               {}};
  for (const auto& problem : problems) {
    if (told.errors.size() == flowfile::kProblemsMax) break;
    const auto& [at, what, hint] = problem;
    told.errors.push_back({"", what,
                           ProblemItem::InFile{at.source ? at.source->path : "", at.line, at.column, hint,
                                               flowfile::shown(problem)}});
  }
  told.more_errors = problems.size() - told.errors.size();
  return told;
}

Problem from_board(const ports::BoardError& error) {
  if (error.code == ports::BoardErrorCode::TooLarge)
    return {413, "posting-too-large", "The posting is too large for the board", error.message, {}, {}};
  if (error.code == ports::BoardErrorCode::Refused)
    return {503, "board-refused", "This conductor may do nothing on the job board", error.message, {}, {}};
  return {503,
          "board-unavailable",
          "The job board does not answer",
          error.message + "; ask again: with an Idempotency-Key a job is never posted twice",
          {},
          {{"Retry-After", "1"}}};
}

}  // namespace baton::api
