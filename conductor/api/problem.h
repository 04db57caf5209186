#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/ports/flow_store.h"
#include "common/ports/job_board.h"
#include "conductor/api/exchange.h"
#include "flowfile/problem.h"

namespace baton::api {

/// Something that a problem is made of: which member of the body (JSON pointer; may be empty), and why.
struct ProblemItem {
  std::string pointer;
  std::string detail;
  /// Of a mistake in a flow file.
  struct InFile {
    std::string file;
    std::size_t line = 0, column = 0;  // 0: the file as a whole
    std::string hint;                  // empty: none
    std::string shown;                 // all of it for people, with the line and a caret
  };
  std::optional<InFile> in_file = {};
};

/// An error as problem details (RFC 9457). `type` is "urn:baton:problem:" + kind; clients switch on it,
/// people read title and detail: where, what, what was known, what to do.
struct Problem {
  unsigned status = 500;
  std::string kind;
  std::string title;
  std::string detail;
  std::vector<ProblemItem> errors;
  std::vector<std::pair<std::string, std::string>> headers;
  std::size_t more_errors = 0;  // that are not among them
};

Response to_response(const Problem&);

Problem bad_request(std::string detail);
/// 422: all that is wrong with a body, which is at least one thing; the first of it is the detail.
Problem bad_body(std::string kind, std::string title, std::vector<ProblemItem> errors);
/// `pruned_before`: jobs that ended before then may have been here once.
Problem no_such_job(const std::string& uuid, const std::optional<TimePoint>& pruned_before = {});
Problem from_store(const ports::StoreError&);
/// What is wrong with a flow file, each mistake with its place.
Problem bad_flow_file(std::string title, const flowfile::Problems&);
Problem from_board(const ports::BoardError&);

}  // namespace baton::api
