#include "conductor/api/job_json.h"

#include "common/ports/job_content.h"
#include "conductor/api/history_words.h"

namespace baton::api {
namespace {

void write_kind(JsonText& json, const ports::AtomView& atom, const engine::Plan& plan) {
  if (atom.index >= plan.size()) return;
  const bool task = plan.kind(atom.index) == engine::AtomKind::Task;
  json.member("kind", task ? "task" : "retry");
  if (task) json.member("type", plan.task(atom.index).type);
  json.key("scope").begin_array();
  for (const auto& flow : plan.scope_of(atom.index)) json.text(flow);
  json.end_array();
  if (!task && plan.retry(atom.index).policy == engine::RetryPolicy::Times)
    json.member("tries_max", plan.retry(atom.index).attempts);
}

void write_times(JsonText& json, const ports::AtomView& atom, TimePoint now) {
  if (!atom.started_at) return;
  json.member("started_at", *atom.started_at);
  if (atom.ended_at) json.member("ended_at", *atom.ended_at);
  const auto end = atom.ended_at.value_or(now);
  json.member("duration_ms", std::chrono::duration_cast<Millis>(end - *atom.started_at));
}

void write_result(JsonText& json, std::string_view name, const Value& result, std::size_t left_out) {
  if (left_out > 0)
    json.member(std::string(name) + "_bytes", left_out);
  else if (!result.is_null())
    json.member(name, result);
}

void write_live(JsonText& json, const AtomContext& context) {
  if (const auto* running = context.running) {
    json.key("delivery").begin_object();
    json.member("acknowledged", running->acknowledged).member("started", running->started);
    json.member("resends", running->resends).member("out_for_ms", running->out_for);
    json.key("progress").real(running->progress);
    if (!running->progress_note.empty()) json.member("progress_note", running->progress_note);
    json.end_object();
  }
  if (const auto* waiting = context.waiting) {
    json.key("waiting").begin_object();
    json.member("for_ms", waiting->waiting_for).member("reason", waiting->reason);
    json.end_object();
  }
}

void write_epoch(JsonText& json, const Epoch& epoch) {
  json.key("epoch").begin_object().member("generation", epoch.generation);
  json.member("lock_czxid", static_cast<std::uint64_t>(epoch.lock_czxid)).end_object();
}

void write_range(JsonText& json, const ports::HistoryRange& range) {
  json.key("range").begin_object().member("first", range.first).member("last", range.last);
  json.member("atoms", range.atoms).member("reset", range.reset).end_object();
}

void write_claim(JsonText& json, const ports::HistoryClaim& claim) {
  json.key("claim").begin_object().member("conductor", claim.conductor);
  write_epoch(json, claim.epoch);
  json.end_object();
}

void write_asked(JsonText& json, const Order& order) {
  json.member("order", to_string(order.kind)).member("who", order.who).member("reason", order.why);
  if (order.kind == OrderKind::Cancel) json.member("keep", order.keep);
  if (order.kind == OrderKind::Rerun) json.member("anew", !order.keep);
  if (!order.atom.empty()) json.member("atom", order.atom);
  if (order.kind == OrderKind::MarkDone) json.member("result", order.result);
}

void write_order(JsonText& json, const ports::HistoryOrder& order) {
  json.key("order").begin_object().member("id", order.id);
  write_asked(json, order.order);
  if (!order.no_effect.empty()) json.member("no_effect", order.no_effect);
  json.end_object();
}

}  // namespace

ports::JobSummary summary_of(const ports::BoardJob& job) {
  ports::JobSummary summary;
  summary.uuid = job.posting.uuid;
  summary.name = job.posting.name;
  summary.priority = job.posting.priority;
  summary.run = job.posting.run;
  summary.flow_name = ports::flow_name_of(job.posting);
  summary.flow_version = ports::flow_version_of(job.posting);
  summary.board_path = job.path;
  summary.posted_at = summary.updated_at = job.posted_at;
  return summary;
}

void write_summary(JsonText& json, const ports::JobSummary& job, const std::string& waiting_for) {
  json.member("uuid", job.uuid.value).member("name", job.name);
  json.member("state", to_string(job.state)).member("run", job.run);
  json.member("priority", to_string(job.priority)).member("flow", job.flow_name);
  if (job.flow_version > 0) json.member("flow_version", job.flow_version);
  if (job.flow) json.member("flow_id", job.flow->value.to_string());
  if (!job.conductor.empty()) json.member("conductor", job.conductor);
  if (job.epoch != Epoch{}) write_epoch(json, job.epoch);
  json.member("board_path", job.board_path);
  json.member("posted_at", job.posted_at).member("updated_at", job.updated_at);
  if (job.finished_at) {
    json.member("finished_at", *job.finished_at);
    json.member("duration_ms", std::chrono::duration_cast<Millis>(*job.finished_at - job.posted_at));
  }
  json.member("atoms_total", job.atoms).member("atoms_done", job.atoms_done);
  if (job.cancelling) json.member("cancelling", true);
  if (job.failure) json.member("failure", *job.failure);
  if (!waiting_for.empty()) json.member("waiting_for", waiting_for);
}

void write_trashed(JsonText& json, const ports::TrashedNode& node) {
  json.begin_object();
  json.member("state", to_string(FlowState::Trashed)).member("board_path", node.board_path);
  json.member("updated_at", node.seen_at).member("failure", Failure::make("Trashed", node.why));
  json.end_object();
}

void write_atom(JsonText& json, const ports::AtomView& atom, const AtomContext& context) {
  const auto& record = atom.record;
  json.begin_object();
  json.member("index", atom.index).member("name", atom.name);
  if (context.plan) write_kind(json, atom, *context.plan);
  json.member("state", to_string(record.state)).member("intention", to_string(record.intention));
  json.member("attempt", record.attempt).member("dispatch", record.dispatch);
  if (record.delivery) {
    json.member("worker", record.delivery->worker_name);
    json.member("worker_incarnation", record.delivery->worker.value.to_string());
    json.member("deliveries", record.delivery->deliveries);
  }
  write_times(json, atom, context.now);
  if (record.history) json.member("tries", record.history->size());
  write_result(json, "result", record.result, atom.result_left_out);
  if (record.failure) json.member("failure", *record.failure);
  write_result(json, "revert_result", record.revert_result, atom.revert_result_left_out);
  if (record.revert_failure) json.member("revert_failure", *record.revert_failure);
  write_live(json, context);
  json.end_object();
}

void write_history_row(JsonText& json, const ports::HistoryRow& row) {
  json.begin_object();
  json.member("id", row.id).member("at", row.at).member("run", row.run).member("seq", row.seq);
  json.member("what", words_of(row));
  if (!row.atom.empty()) json.member("atom", row.atom);
  if (!row.state.empty()) json.member("state", row.state);
  if (!row.intention.empty()) json.member("intention", row.intention);
  if (row.attempt > 0) json.member("attempt", row.attempt);
  if (row.dispatch > 0) json.member("dispatch", row.dispatch);
  if (!row.worker.empty()) json.member("worker", row.worker);
  if (!row.data.is_null()) json.member("data", row.data);
  if (row.range) write_range(json, *row.range);
  if (row.claim) write_claim(json, *row.claim);
  if (row.order) write_order(json, *row.order);
  json.end_object();
}

void write_order(JsonText& json, const ports::OrderRecord& record, const std::string& warning) {
  json.begin_object();
  if (record.id != 0) json.member("id", record.id);
  json.member("job", record.job.value).member("run", record.run);
  write_asked(json, record.order);
  if (record.id != 0) json.member("ordered_at", record.ordered_at);
  if (record.id == 0) json.member("dry_run", true);
  if (record.taken_at) json.member("taken_at", *record.taken_at);
  if (!record.no_effect.empty()) json.member("no_effect", record.no_effect);
  if (!warning.empty()) json.member("warning", warning);
  json.end_object();
}

}  // namespace baton::api
