#include "conductor/api/job_reads.h"

#include <algorithm>

#include "common/ports/job_content.h"
#include "conductor/api/job_json.h"
#include "conductor/api/problem.h"
#include "conductor/api/target.h"

namespace baton::api {
namespace {

Response json_response(JsonText& json) {
  return {200, "application/json", json.take(), {}};
}

template <class Item>
std::map<std::string_view, const Item*> by_name(const std::vector<Item>& items) {
  std::map<std::string_view, const Item*> found;
  for (const auto& item : items) found.emplace(item.name, &item);
  return found;
}

template <class Item>
const Item* find(const std::map<std::string_view, const Item*>& items, std::string_view name) {
  const auto found = items.find(name);
  return found == items.end() ? nullptr : found->second;
}

/// How a job came to be there; nothing: it is not told here.
using Posted = std::optional<std::pair<TimePoint, std::string>>;

Posted posted(const Posting& posting, TimePoint at) {
  return std::pair(at, ports::reason_of(posting));
}

Response history_of(const ports::HistoryPage& page, const Posted& posted, std::size_t bytes_max) {
  JsonText json;
  json.begin_object();
  if (posted) {
    json.key("posted").begin_object().member("at", posted->first);
    if (!posted->second.empty()) json.member("reason", posted->second);
    json.end_object();
  }
  json.key("rows").begin_array();
  std::size_t written = 0;
  for (; written < page.rows.size() && json.size() < bytes_max; ++written)
    write_history_row(json, page.rows[written]);
  json.end_array();
  if (written > 0 && (page.more || written < page.rows.size()))
    json.member("next", page.rows[written - 1].id);
  json.end_object();
  return json_response(json);
}

engine::PlanPtr plan_of(const ports::JobDetail& detail) {
  if (detail.plan.empty()) return nullptr;
  auto plan = engine::decode(detail.plan);
  return plan.ok() ? std::move(plan).value() : nullptr;  // of a newer version: shown without scopes
}

}  // namespace

JobReads::JobReads(const Backend& backend, const Limits& limits, std::shared_ptr<BoardView> board)
    : backend_(backend), limits_(limits), board_(std::move(board)) {}

std::map<std::string, std::string> JobReads::reasons() const {
  std::map<std::string, std::string> found;
  for (const auto& job : backend_.inspection.parked()) found.emplace(job.job.value, job.reason);
  for (const auto& job : backend_.inspection.left_alone()) found.emplace(job.job.value, job.reason);
  return found;
}

std::string waiting_for(const ports::JobSummary& job, const std::map<std::string, std::string>& reasons) {
  if (is_final(job.state)) return {};
  if (const auto known = reasons.find(job.uuid.value); known != reasons.end()) return known->second;
  return job.flow ? "" : "no conductor has claimed it yet";
}

void JobReads::show(const Request& request, Reply reply) {
  if (auto unknown = unknown_parameters(request, {"atoms_after", "atoms_limit"}))
    return reply(to_response(*unknown));
  const auto first = number_parameter(request, "atoms_after", 0, 0, kAtomsPerFlowMax);
  if (!first.ok()) return reply(to_response(first.error()));
  const auto count = number_parameter(request, "atoms_limit", limits_.atoms_max, 0, limits_.atoms_max);
  if (!count.ok()) return reply(to_response(count.error()));
  const JobId uuid(request.path[2]);
  const ports::AtomPage page{first.value(), count.value(), limits_.shown_result_bytes_max};
  backend_.store.show(uuid, page, [self = shared_from_this(), uuid, page, reply](const auto& detail) {
    if (detail.ok()) return reply(self->detail_of(*detail, page));
    if (detail.error().code != ports::StoreErrorCode::NotFound)
      return reply(to_response(from_store(detail.error())));
    self->show_unrecorded(uuid, page, reply);
  });
}

void JobReads::show_unrecorded(const JobId& uuid, const ports::AtomPage& page, Reply reply) {
  board_->fresh([self = shared_from_this(), uuid, page, reply](const auto& jobs) {
    if (!jobs.ok()) return reply(to_response(from_board(jobs.error())));
    if (const auto* job = find_job(**jobs, uuid)) return self->show_on_board(*job, page, reply);
    // Claimed, finished and taken off the board between the two looks?
    self->backend_.store.show(uuid, page, [self, uuid, page, reply](const auto& again) {
      if (again.ok()) return reply(self->detail_of(*again, page));
      if (again.error().code == ports::StoreErrorCode::NotFound)
        return reply(to_response(no_such_job(uuid.value, again.error().pruned_before)));
      reply(to_response(from_store(again.error())));
    });
  });
}

/// No conductor has claimed it yet, but something may have been asked of it.
void JobReads::show_on_board(const ports::BoardJob& job, const ports::AtomPage& page, Reply reply) {
  ports::JobDetail detail;
  detail.summary = summary_of(job);
  detail.posting = job.posting;
  backend_.store.orders(job.posting.uuid, kOrdersOpenMax,
                        [self = shared_from_this(), detail, page, reply](const auto& orders) mutable {
                          if (orders.ok())
                            for (const auto& order : orders->orders) {
                              if (order.taken_at) continue;
                              detail.orders.insert(detail.orders.begin(), order);
                              if (order.order.kind == OrderKind::Cancel) detail.summary.cancelling = true;
                            }
                          else if (orders.error().code != ports::StoreErrorCode::NotFound)
                            return reply(to_response(from_store(orders.error())));
                          reply(self->detail_of(detail, page));
                        });
}

Response JobReads::detail_of(const ports::JobDetail& detail, const ports::AtomPage& page) const {
  const auto& summary = detail.summary;
  JsonText json;
  json.begin_object();
  write_summary(json, summary, waiting_for(summary, reasons()));
  write_owner(json, summary);
  json.member("details", detail.posting.details);
  if (detail.posting.book) json.member("book", *detail.posting.book);
  if (!detail.orders.empty()) {
    json.key("orders").begin_array();
    for (const auto& order : detail.orders) write_order(json, order);
    json.end_array();
  }
  write_atoms(json, detail, page);
  json.end_object();
  return json_response(json);
}

/// Who knows what waits and runs right now: this conductor, or the one that the answer names.
void JobReads::write_owner(JsonText& json, const ports::JobSummary& job) const {
  const bool here = backend_.inspection.flow(job.uuid).has_value();
  json.member("live", here);
  if (here || is_final(job.state)) return;
  for (const auto& member : backend_.inspection.conductors())
    if (member.name == job.conductor && member.name != backend_.inspection.self().name && !member.api.empty())
      return void(json.member("owner_api", member.api));
}

void JobReads::write_atoms(JsonText& json, const ports::JobDetail& detail,
                           const ports::AtomPage& page) const {
  const auto plan = plan_of(detail);
  const auto live = backend_.inspection.flow(detail.summary.uuid);
  const conductor::LiveFlow nothing;
  const auto& now = live ? *live : nothing;
  const auto running = by_name(now.running);
  const auto waiting = by_name(now.waiting);
  AtomContext context{plan.get(), nullptr, nullptr, backend_.clock.wall()};
  json.key("atoms").begin_array();
  std::size_t written = 0;
  for (; written < detail.atoms.size() && json.size() < limits_.answer_bytes_max; ++written) {
    const auto& atom = detail.atoms[written];
    context.running = find(running, atom.name);
    context.waiting = find(waiting, atom.name);
    write_atom(json, atom, context);
  }
  json.end_array();
  if (detail.more || written < detail.atoms.size()) json.member("atoms_next", page.first + written);
}

void JobReads::if_unrecorded(const JobId& uuid, const ports::StoreError& unknown, Reply reply,
                             std::function<void(const ports::BoardJob*)> there) {
  const auto pruned = unknown.pruned_before;
  board_->fresh([self = shared_from_this(), uuid, pruned, reply, there](const auto& jobs) {
    if (!jobs.ok()) return reply(to_response(from_board(jobs.error())));
    if (const auto* job = find_job(**jobs, uuid)) return there(job);
    // Claimed, finished and taken off the board between the two looks?
    self->backend_.store.summaries({uuid}, [uuid, pruned, reply, there](const auto& again) {
      if (!again.ok()) return reply(to_response(from_store(again.error())));
      if (again->empty()) return reply(to_response(no_such_job(uuid.value, pruned)));
      there(nullptr);
    });
  });
}

void JobReads::history(const Request& request, Reply reply) {
  if (auto unknown = unknown_parameters(request, {"after", "limit"})) return reply(to_response(*unknown));
  const auto after = number_parameter(request, "after", 0, 0, ports::kFromNow - 1);
  if (!after.ok()) return reply(to_response(after.error()));
  const auto limit = number_parameter(request, "limit", limits_.page_default, 1, limits_.page_max);
  if (!limit.ok()) return reply(to_response(limit.error()));
  const JobId uuid(request.path[2]);
  backend_.store.history(
      uuid, after.value(), static_cast<std::uint32_t>(limit.value()),
      [self = shared_from_this(), uuid, first = after.value() == 0, reply](const auto& page) {
        const auto bytes_max = self->limits_.answer_bytes_max;
        if (page.ok() && first) return self->begin_history(uuid, *page, reply);
        if (page.ok()) return reply(history_of(*page, {}, bytes_max));
        if (page.error().code != ports::StoreErrorCode::NotFound)
          return reply(to_response(from_store(page.error())));
        self->if_unrecorded(uuid, page.error(), reply, [bytes_max, reply](const ports::BoardJob* job) {
          reply(history_of({}, job ? posted(job->posting, job->posted_at) : Posted(), bytes_max));
        });
      });
}

/// The first page says how the job came to be there.
void JobReads::begin_history(const JobId& uuid, const ports::HistoryPage& page, Reply reply) {
  backend_.store.show(uuid, {.limit = 0}, [self = shared_from_this(), page, reply](const auto& job) {
    if (!job.ok()) return reply(to_response(from_store(job.error())));
    reply(history_of(page, posted(job->posting, job->summary.posted_at), self->limits_.answer_bytes_max));
  });
}

void JobReads::events(const Request& request, Reply reply) {
  if (auto unknown = unknown_parameters(request, {"after"})) return reply(to_response(*unknown));
  const auto after = number_parameter(request, "after", 0, 0, ports::kFromNow - 1);
  if (!after.ok()) return reply(to_response(after.error()));
  const auto resumed = request.last_event_id.empty() ? after.value() : whole_number(request.last_event_id);
  if (!resumed)
    return reply(to_response(
        bad_request("Last-Event-ID '" + request.last_event_id + "' is no id that this stream has sent")));
  const JobId uuid(request.path[2]);
  backend_.store.summaries({uuid},
                           [self = shared_from_this(), uuid, from = *resumed, reply](const auto& known) {
                             if (!known.ok()) return reply(to_response(from_store(known.error())));
                             if (!known->empty()) return self->resume_events(uuid, from, *known, reply);
                             self->events_if_unrecorded(uuid, from, reply);
                           });
}

void JobReads::events_if_unrecorded(const JobId& uuid, std::uint64_t after, Reply reply) {
  backend_.store.history(uuid, after, 1, [self = shared_from_this(), uuid, after, reply](const auto& page) {
    const auto stream = [uuid, after, reply](const ports::BoardJob*) { reply(StreamAnswer{uuid, after}); };
    if (page.ok()) return stream(nullptr);
    if (page.error().code != ports::StoreErrorCode::NotFound)
      return reply(to_response(from_store(page.error())));
    self->if_unrecorded(uuid, page.error(), reply, stream);
  });
}

/// A finished job whose events have all been seen: 204 tells an EventSource not to come again.
void JobReads::resume_events(const JobId& uuid, std::uint64_t after,
                             const std::vector<ports::JobSummary>& known, Reply reply) {
  if (!is_final(known.front().state)) return reply(StreamAnswer{uuid, after});
  backend_.store.history(uuid, after, 1, [uuid, after, reply](const auto& page) {
    if (!page.ok()) return reply(to_response(from_store(page.error())));
    if (page->rows.empty()) return reply(Response{204, "", "", {}});
    reply(StreamAnswer{uuid, after});
  });
}

}  // namespace baton::api
