#include "tests/contract/store/shown_tables.h"

#include <algorithm>
#include <sstream>

#include "common/ports/history_data.h"

namespace baton::test {
namespace {

std::string shown(const std::optional<TimePoint>& time) {
  return time ? to_rfc3339(*time) : "-";
}

std::string shown(const std::optional<Failure>& failure) {
  return failure ? std::string(failure->to_value().json()) : "-";
}

std::string shown(const memory::AtomRow& atom) {
  const AtomRecord& record = atom.record;
  std::ostringstream out;
  out << "  " << atom.name << " " << to_string(record.state) << " " << to_string(record.intention) << " "
      << record.attempt << " " << record.dispatch << " " << record.seq << " " << record.result.json() << " "
      << shown(std::optional<Failure>(record.failure)) << " " << record.revert_result.json() << " "
      << shown(std::optional<Failure>(record.revert_failure)) << " "
      << (record.history ? to_value(*record.history).json() : "-") << " " << shown(atom.started_at) << " "
      << shown(atom.ended_at);
  if (const auto& delivery = record.delivery)
    out << " at " << delivery->worker.value.to_string() << " " << delivery->worker_name << " "
        << delivery->deliveries << " " << shown(delivery->start_deadline) << " "
        << shown(delivery->close_deadline);
  return out.str() + "\n";
}

std::string shown(const memory::JobRow& job) {
  const ports::JobSummary& about = job.summary;
  std::ostringstream out;
  out << about.uuid.value << " " << about.name << " " << to_string(about.priority) << " "
      << about.flow->value.to_string() << " " << to_string(about.state) << " " << about.run << " "
      << about.flow_name << "@" << about.flow_version << " " << about.conductor << " "
      << about.epoch.generation << "/" << about.epoch.lock_czxid << " " << about.board_path << " "
      << shown(about.failure) << " " << to_rfc3339(about.posted_at) << " " << to_rfc3339(about.updated_at)
      << " " << shown(about.finished_at) << " " << job.posting.raw.json() << " " << job.content << " "
      << job.conductor.value.to_string() << " " << job.number << " " << job.last_flow_seq << " "
      << job.plan.value_or("-") << " " << shown(job.removed_at) << "\n";
  for (const auto& atom : job.atoms) out << shown(atom);
  for (const Fact& fact : job.ranges) {
    const auto& range = std::get<RangeFact>(fact.body);
    out << "  range " << fact.seq << " " << range.first << " " << range.count << " "
        << to_string(range.intention) << " " << range.reset << "\n";
  }
  return out.str();
}

std::string shown(const ports::EventRow& event) {
  const ports::HistoryRow& row = event.row;
  std::ostringstream out;
  out << event.job.value << " " << row.id << " " << to_rfc3339(row.at) << " " << row.run << " " << row.seq
      << " " << row.atom << " " << row.state << " " << row.intention << " " << row.attempt << " "
      << row.dispatch << " " << row.worker << " " << row.data.json();
  if (row.range)
    out << " " << row.range->first << "-" << row.range->last << " " << row.range->atoms << " "
        << row.range->reset;
  if (row.claim) out << " " << ports::history_data(*row.claim).json();
  if (row.order)
    out << " " << row.order->id << " " << to_string(row.order->order.kind) << " " << row.order->order.who
        << " " << row.order->order.why << " " << row.order->order.keep << " " << row.order->no_effect;
  return out.str() + "\n";
}

std::string shown(const ports::OrderRecord& record) {
  std::ostringstream out;
  out << "order " << record.id << " " << record.job.value << " " << record.run << " "
      << to_string(record.order.kind) << " " << record.order.who << " " << record.order.why << " "
      << record.order.keep << " " << to_rfc3339(record.ordered_at) << " " << shown(record.taken_at) << " "
      << record.no_effect << "\n";
  return out.str();
}

std::string shown(const ports::TrashedNode& node) {
  return "trashed " + node.board_path + " " + node.why + " " + to_rfc3339(node.seen_at) + "\n";
}

std::string shown(const memory::StandingRow& row) {
  return "standing " + std::to_string(static_cast<int>(row.kind)) + " " + row.name + " " +
         std::to_string(row.number) + " " + row.who + "\n";
}

std::string shown(const ports::StoredFlowFile& file) {
  const ports::FlowFileVersion& about = file.about;
  return "flow file " + about.name + "@" + std::to_string(about.version) + " " + about.digest + " " +
         about.who + " " + about.why + " " + to_rfc3339(about.stored_at) + " " + file.content + "\n";
}

std::string shown(const ports::HookCall& call) {
  std::ostringstream out;
  out << "hook call " << call.id << " " << call.job.value << " " << call.run << " "
      << (call.flow ? call.flow->value.to_string() : "-") << " " << to_string(call.event) << " "
      << call.occasion << " " << call.hook << " " << call.about.json() << " " << to_string(call.state) << " "
      << call.attempts << " " << call.attempts_before << " " << to_rfc3339(call.recorded_at) << " "
      << to_rfc3339(call.next_at) << " " << shown(call.ended_at) << " "
      << (call.holder ? call.holder->value.to_string() : "-") << " " << call.holder_name << " "
      << call.last_error << "\n";
  return out.str();
}

template <class Row>
std::string sorted(const std::vector<Row>& rows) {
  std::vector<std::string> lines;
  for (const Row& row : rows) lines.push_back(shown(row));
  std::sort(lines.begin(), lines.end());
  std::string all;
  for (const auto& line : lines) all += line;
  return all;
}

}  // namespace

std::string shown(const memory::FlowTables& tables) {
  return sorted(tables.jobs) + sorted(tables.history) + sorted(tables.orders) + sorted(tables.trashed) +
         sorted(tables.standing) + sorted(tables.flow_files) + sorted(tables.hook_calls);
}

}  // namespace baton::test
