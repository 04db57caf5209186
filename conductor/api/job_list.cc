#include "conductor/api/job_list.h"

#include <algorithm>
#include <limits>
#include <set>

#include "common/ports/job_content.h"
#include "conductor/api/job_json.h"
#include "conductor/api/problem.h"
#include "conductor/api/target.h"

namespace baton::api {
namespace {

constexpr std::string_view kFlowStates =
    "PENDING RUNNING SUCCESS FAILURE REVERTED SUSPENDING SUSPENDED RESUMING CANCELLED REJECTED TRASHED";

constexpr std::string_view kPriorities = "VERY_HIGH HIGH NORMAL LOW VERY_LOW";

constexpr std::uint64_t kBoardPlaceMax = std::numeric_limits<std::int64_t>::max();  // a zxid

Problem bad_cursor(const std::string& cursor) {
  return bad_request("?cursor=" + cursor + " is no cursor of a page before: give its 'next' as it is");
}

template <class Item>
bool among(const std::vector<Item>& wanted, const Item& item) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), item) != wanted.end();
}

/// The newest node of each uuid that fits, newest first.
std::vector<ports::BoardJob> fitting(const std::vector<ports::BoardJob>& jobs, const ports::JobFilter& filter,
                                     std::optional<std::int64_t> before) {
  std::vector<ports::BoardJob> found;
  for (const auto& job : jobs) {
    if (before && job.czxid >= *before) continue;
    if (!job.posting.name.starts_with(filter.name_prefix)) continue;
    if (!among(filter.priorities, job.posting.priority)) continue;
    if (filter.posted_since && job.posted_at < *filter.posted_since) continue;
    if (filter.posted_until && job.posted_at >= *filter.posted_until) continue;
    if (!filter.flow_name.empty() && ports::flow_name_of(job.posting) != filter.flow_name) continue;
    found.push_back(job);
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.czxid > b.czxid; });
  std::set<std::string> seen;
  std::erase_if(found, [&seen](const auto& job) { return !seen.insert(job.posting.uuid.value).second; });
  return found;
}

std::vector<ports::BoardJob> without(std::vector<ports::BoardJob> jobs,
                                     const std::vector<ports::JobSummary>& recorded) {
  std::set<std::string> uuids;
  for (const auto& job : recorded) uuids.insert(job.uuid.value);
  std::erase_if(jobs, [&uuids](const auto& job) { return uuids.contains(job.posting.uuid.value); });
  return jobs;
}

}  // namespace

JobList::JobList(const Backend& backend, const Limits& limits, std::shared_ptr<BoardView> board,
                 std::shared_ptr<JobReads> reads)
    : backend_(backend), limits_(limits), board_(std::move(board)), reads_(std::move(reads)) {}

std::variant<JobList::Query, Response> JobList::read_query(const Request& request, const Limits& limits,
                                                           TimePoint now) {
  if (auto unknown = unknown_parameters(
          request, {"state", "name", "flow", "priority", "conductor", "since", "until", "limit", "cursor"}))
    return to_response(*unknown);
  Query query;
  auto& filter = query.filter;
  filter.name_prefix = text_parameter(request, "name");
  filter.flow_name = text_parameter(request, "flow");
  filter.conductor = text_parameter(request, "conductor");
  const auto limit = number_parameter(request, "limit", limits.page_default, 1, limits.page_max);
  if (!limit.ok()) return to_response(limit.error());
  filter.limit = static_cast<std::uint32_t>(limit.value());
  const auto states = words_parameter<FlowState>(request, "state", kFlowStates, flow_state_from);
  if (!states.ok()) return to_response(states.error());
  filter.states = states.value();
  const auto priorities = words_parameter<Priority>(request, "priority", kPriorities, priority_from);
  if (!priorities.ok()) return to_response(priorities.error());
  filter.priorities = priorities.value();
  for (const auto& [name, bound] :
       {std::pair("since", &filter.posted_since), std::pair("until", &filter.posted_until)}) {
    const auto time = time_parameter(request, name, now);
    if (!time.ok()) return to_response(time.error());
    *bound = time.value();
  }
  query.board = among(filter.states, FlowState::Pending) && filter.conductor.empty();
  query.nodes = filter.states == std::vector{FlowState::Trashed} && filter.name_prefix.empty() &&
                filter.flow_name.empty() && filter.conductor.empty() && filter.priorities.empty() &&
                !filter.posted_since && !filter.posted_until;
  if (const auto cursor = text_parameter(request, "cursor"); !cursor.empty() && !read_cursor(cursor, query))
    return to_response(bad_cursor(cursor));
  return query;
}

bool JobList::read_cursor(const std::string& cursor, Query& query) {
  const auto place = cursor.substr(1);
  if (cursor.front() == 'b') {
    const auto before = whole_number(place);
    if (!before || *before > kBoardPlaceMax) return false;
    query.before = static_cast<std::int64_t>(*before);
    return true;
  }
  query.board = false;
  if (cursor.front() == 's') {
    query.filter.after = place;
    return !place.empty();
  }
  query.jobs = false;
  query.before_path = place;
  return cursor.front() == 't' && query.nodes;
}

void JobList::list(const Request& request, Reply reply) {
  auto query = read_query(request, limits_, backend_.clock.wall());
  if (auto* refused = std::get_if<Response>(&query)) return reply(std::move(*refused));
  auto& asked = std::get<Query>(query);
  if (asked.board) return board_part(std::move(asked), std::move(reply));
  if (!asked.jobs) return nodes_part(asked, {}, std::move(reply));
  store_part(std::move(asked), {}, std::move(reply));
}

void JobList::board_part(Query query, Reply reply) {
  board_->recent([self = shared_from_this(), query = std::move(query), reply](const auto& jobs) mutable {
    if (!jobs.ok()) {  // what is recorded can be shown all the same
      Page page;
      page.incomplete = "jobs that no conductor has claimed yet are missing: " + jobs.error().message;
      return self->store_part(std::move(query), std::move(page), reply);
    }
    auto candidates = fitting(**jobs, query.filter, query.before);
    const bool more = candidates.size() > ports::kSummariesMax;
    if (more) candidates.resize(ports::kSummariesMax);
    self->unrecorded(std::move(query), std::move(candidates), more, reply);
  });
}

void JobList::unrecorded(Query query, std::vector<ports::BoardJob> candidates, bool more, Reply reply) {
  if (candidates.empty()) return store_part(std::move(query), {}, std::move(reply));
  std::vector<JobId> uuids;
  for (const auto& job : candidates) uuids.push_back(job.posting.uuid);
  backend_.store.summaries(
      uuids, [self = shared_from_this(), query = std::move(query), candidates = std::move(candidates), more,
              reply](const auto& known) mutable {
        if (!known.ok()) return reply(to_response(from_store(known.error())));
        const auto last = candidates.back().czxid;
        self->board_page(std::move(query), without(std::move(candidates), *known), more, last, reply);
      });
}

/// `more`: there are jobs behind `last`, too many to have been looked at.
void JobList::board_page(Query query, std::vector<ports::BoardJob> jobs, bool more, std::int64_t last,
                         Reply reply) {
  const std::size_t limit = query.filter.limit;
  more = more || jobs.size() > limit;
  if (jobs.size() >= limit) jobs.resize(limit), last = jobs.back().czxid;
  Page page;
  for (const auto& job : jobs) page.jobs.push_back(summary_of(job));
  if (!more && jobs.size() < limit) return store_part(std::move(query), std::move(page), std::move(reply));
  page.next = "b" + std::to_string(last);
  if (more) return answer(page, reply);
  end_or_cursor(query, std::move(page), std::move(reply));
}

/// The page is full with the board's last job: it has a cursor only if the store has a job to go on with.
void JobList::end_or_cursor(const Query& query, Page page, Reply reply) {
  auto filter = query.filter;
  filter.limit = 1;
  backend_.store.list(filter,
                      [self = shared_from_this(), page = std::move(page), reply](const auto& rest) mutable {
                        if (!rest.ok()) return reply(to_response(from_store(rest.error())));
                        if (rest->jobs.empty()) page.next.clear();
                        self->answer(page, reply);
                      });
}

void JobList::store_part(Query query, Page page, Reply reply) {
  query.filter.limit -= static_cast<std::uint32_t>(page.jobs.size());
  const auto filter = query.filter;
  backend_.store.list(filter, [self = shared_from_this(), query = std::move(query), page = std::move(page),
                               reply](auto rest) mutable {
    if (!rest.ok() &&
        rest.error().code == ports::StoreErrorCode::NotFound)  // only the store knows its cursors
      return reply(to_response(bad_cursor("s" + query.filter.after)));
    if (!rest.ok()) return reply(to_response(from_store(rest.error())));
    query.filter.limit -= static_cast<std::uint32_t>(rest->jobs.size());
    for (auto& job : rest->jobs) page.jobs.push_back(std::move(job));
    if (!rest->next.empty()) page.next = "s" + rest->next;
    if (query.nodes && page.next.empty()) return self->nodes_part(query, std::move(page), reply);
    self->answer(page, reply);
  });
}

/// A page that is full already learns whether there are any: at least one is asked for.
void JobList::nodes_part(const Query& query, Page page, Reply reply) {
  const std::uint32_t room = query.filter.limit;
  backend_.store.trashed_nodes(
      query.before_path, std::max<std::uint32_t>(room, 1),
      [self = shared_from_this(), room, page = std::move(page), reply](auto rest) mutable {
        if (!rest.ok()) return reply(to_response(from_store(rest.error())));
        if (room > 0) page.nodes = std::move(rest->nodes);
        if (room == 0 && !rest->nodes.empty()) page.next = "t";
        if (room > 0 && rest->more) page.next = "t" + page.nodes.back().board_path;
        self->answer(page, reply);
      });
}

void JobList::answer(const Page& page, const Reply& reply) const {
  const auto reasons = reads_->reasons();
  JsonText json;
  json.begin_object().key("jobs").begin_array();
  for (const auto& job : page.jobs) {
    json.begin_object();
    write_summary(json, job, waiting_for(job, reasons));
    json.end_object();
  }
  for (const auto& node : page.nodes) write_trashed(json, node);
  json.end_array();
  if (!page.next.empty()) json.member("next", page.next);
  if (!page.incomplete.empty()) json.member("incomplete", page.incomplete);
  json.end_object();
  reply(Response{200, "application/json", json.take(), {}});
}

}  // namespace baton::api
