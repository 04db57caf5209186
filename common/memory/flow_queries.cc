/// What people ask of a FlowDatabase.
#include <algorithm>
#include <charconv>

#include "common/memory/flow_database.h"

namespace baton::memory {

using ports::JobSummary;
using ports::StoreError;
using ports::StoreErrorCode;

namespace {

template <class Item>
bool among(const std::vector<Item>& wanted, const Item& item) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), item) != wanted.end();
}

bool wanted(const JobSummary& job, const ports::JobFilter& filter) {
  return among(filter.states, job.state) && among(filter.priorities, job.priority) &&
         job.name.starts_with(filter.name_prefix) &&
         (filter.flow_name.empty() || job.flow_name == filter.flow_name) &&
         (filter.conductor.empty() || job.conductor == filter.conductor) &&
         (!filter.posted_since || job.posted_at >= *filter.posted_since) &&
         (!filter.posted_until || job.posted_at < *filter.posted_until);
}

std::size_t bytes_of(const Value& value) {
  return value.is_null() ? 0 : value.json().size();
}
std::size_t bytes_of(const std::optional<Failure>& failure) {
  return failure ? bytes_of(failure->to_value()) : 0;
}

/// A page's bound: whether one more row fits. The first one always does.
class PageRoom {
 public:
  explicit PageRoom(std::uint64_t rows_max) : rows_left_(rows_max) {}
  bool take(std::size_t value_bytes, std::size_t left_out_bytes = 0) {
    if (rows_left_ == 0) return false;
    --rows_left_;
    bytes_ += ports::kPageRowBytes + value_bytes;
    read_ += ports::kPageRowBytes + value_bytes + left_out_bytes;
    return std::exchange(first_, false) ||
           (bytes_ <= ports::kPageBytesMax && read_ <= ports::kPageReadBytesMax);
  }

 private:
  std::uint64_t rows_left_;
  std::size_t bytes_ = 0, read_ = 0;
  bool first_ = true;
};

/// A value that is too large for the page is left out, and its bytes are told.
std::size_t leave_out(Value& value, std::size_t bytes_max) {
  const std::size_t bytes = bytes_of(value);
  if (bytes <= bytes_max) return 0;
  value = Value();
  return bytes;
}

bool begins_with_any(const std::string& path, const std::vector<std::string>& folders) {
  return std::any_of(folders.begin(), folders.end(),
                     [&](const std::string& folder) { return path.starts_with(folder); });
}

}  // namespace

JobSummary FlowDatabase::summary_of(const Job& job) const {
  JobSummary summary = job.summary;
  summary.cancelling = is_cancelling(job);
  summary.atoms = static_cast<std::uint32_t>(job.atoms.size());
  for (const AtomRecord& atom : records(job))
    summary.atoms_done += atom.state == AtomState::Success || atom.state == AtomState::Reverted ||
                          atom.state == AtomState::Ignore;
  return summary;
}

FlowDatabase::Outcome<ports::UnfinishedPage> FlowDatabase::unfinished(const std::vector<std::string>& folders,
                                                                      std::uint64_t after,
                                                                      std::uint32_t limit) const {
  std::map<std::uint64_t, const Job*> found;
  for (const auto& [uuid, job] : jobs_)
    if (job.number > after && begins_with_any(job.summary.board_path, folders) &&
        (!is_final(job.summary.state) || run_asked(uuid, job.summary.run + 1)))
      found.emplace(job.number, &job);
  ports::UnfinishedPage page;
  PageRoom room(limit);
  for (const auto& [number, job] : found) {
    page.more = !room.take(job->posting.raw.json().size());
    if (page.more) break;
    page.last = number;
    const bool asked = is_final(job->summary.state);
    auto posting = asked ? job->posting.for_run(job->summary.run + 1) : job->posting;
    if (posting.ok())
      page.jobs.push_back({number, *std::move(posting), job->summary.board_path, *job->summary.flow, asked});
    else
      page.unreadable.push_back(job->posting.uuid.value);
  }
  return page;
}

FlowDatabase::Outcome<ports::UnnotedPage> FlowDatabase::unnoted_removals(
    const std::vector<std::string>& folders, const ports::EndMark& after, std::uint32_t limit) const {
  std::map<ports::EndMark, const Job*> found;
  for (const auto& [uuid, job] : jobs_) {
    if (!job.summary.finished_at) continue;
    const ports::EndMark end{*job.summary.finished_at, job.number};
    if (end > after) found.emplace(end, &job);
  }
  ports::UnnotedPage page;
  page.more = found.size() > limit;
  for (const auto& [end, job] : found) {
    if (limit-- == 0) break;
    page.last = end;
    const auto& about = job->summary;
    if (!job->removed_at && begins_with_any(about.board_path, folders))
      page.jobs.push_back({about.uuid, about.run, about.board_path, end});
  }
  return page;
}

FlowDatabase::Outcome<ports::JobPage> FlowDatabase::list(const ports::JobFilter& filter) const {
  std::uint64_t before = ~std::uint64_t{0};
  if (!filter.after.empty()) {
    const char* end = filter.after.data() + filter.after.size();
    const auto read = std::from_chars(filter.after.data(), end, before);
    if (read.ec != std::errc() || read.ptr != end)
      return Fail(
          StoreError{StoreErrorCode::NotFound, "'" + filter.after + "' is no cursor of a page of jobs"});
  }
  std::vector<const Job*> found;
  for (const auto& [uuid, job] : jobs_)
    if (job.number < before && wanted(job.summary, filter)) found.push_back(&job);
  std::sort(found.begin(), found.end(), [](const Job* a, const Job* b) { return a->number > b->number; });
  ports::JobPage page;
  PageRoom room(filter.limit);
  for (const Job* job : found) {
    if (!room.take(bytes_of(job->summary.failure))) {
      if (!page.jobs.empty()) page.next = std::to_string(jobs_.at(page.jobs.back().uuid).number);
      break;
    }
    page.jobs.push_back(summary_of(*job));
  }
  return page;
}

FlowDatabase::Outcome<std::vector<JobSummary>> FlowDatabase::summaries(
    const std::vector<JobId>& uuids) const {
  std::vector<JobSummary> found;
  for (const JobId& uuid : uuids)
    if (const auto job = jobs_.find(uuid); job != jobs_.end()) found.push_back(summary_of(job->second));
  return found;
}

FlowDatabase::Outcome<ports::TrashedPage> FlowDatabase::trashed_page(const std::string& before_path,
                                                                     std::uint32_t limit) const {
  ports::TrashedPage page;
  auto node = before_path.empty() ? trashed_.end() : trashed_.lower_bound(before_path);
  for (; node != trashed_.begin() && page.nodes.size() < limit;) page.nodes.push_back((--node)->second);
  page.more = node != trashed_.begin();
  return page;
}

FlowDatabase::Outcome<ports::JobDetail> FlowDatabase::show(const JobId& uuid,
                                                           const ports::AtomPage& page) const {
  const auto found = jobs_.find(uuid);
  if (found == jobs_.end()) return Fail(StoreError{StoreErrorCode::NotFound, "no job " + uuid.value});
  const Job& job = found->second;
  ports::JobDetail detail;
  detail.summary = summary_of(job);
  detail.posting = job.posting;
  detail.orders = open_orders_of(uuid);
  if (page.limit > 0) {
    detail.plan = job.plan.value_or("");
    add_atoms(job, page, detail);
  }
  detail.more = page.first + detail.atoms.size() < job.atoms.size();
  return detail;
}

void FlowDatabase::add_atoms(const Job& job, const ports::AtomPage& page, ports::JobDetail& detail) {
  auto records_of_all = records(job);
  PageRoom room(page.limit);
  for (std::uint64_t i = page.first; i < records_of_all.size(); ++i) {
    const auto& row = job.atoms[i];
    ports::AtomView atom{static_cast<AtomIndex>(i), row.name, std::move(records_of_all[i]), row.started_at,
                         row.ended_at};
    AtomRecord& record = atom.record;
    atom.result_left_out = leave_out(record.result, page.value_bytes_max);
    atom.revert_result_left_out = leave_out(record.revert_result, page.value_bytes_max);
    const std::size_t bytes = bytes_of(record.result) + bytes_of(record.revert_result) +
                              bytes_of(record.failure) + bytes_of(record.revert_failure) +
                              (record.history ? bytes_of(to_value(*record.history)) : 0);
    if (!room.take(bytes, atom.result_left_out + atom.revert_result_left_out)) return;
    detail.atoms.push_back(std::move(atom));
  }
}

FlowDatabase::Outcome<ports::HistoryPage> FlowDatabase::history(const JobId& uuid, std::uint64_t after_id,
                                                                std::uint32_t limit) const {
  const auto found = jobs_.find(uuid);
  if (found == jobs_.end()) return Fail(StoreError{StoreErrorCode::NotFound, "no job " + uuid.value});
  const auto& ids = found->second.history;
  ports::HistoryPage page;
  PageRoom room(limit);
  auto id = std::upper_bound(ids.begin(), ids.end(), after_id);
  for (; id != ids.end(); ++id) {
    const auto& row = history_[*id - 1].row;
    if (!room.take(bytes_of(row.data))) break;
    page.rows.push_back(row);
  }
  page.more = id != ids.end();
  return page;
}

FlowDatabase::Outcome<ports::EventPage> FlowDatabase::events(std::uint64_t after_id,
                                                             std::uint32_t limit) const {
  ports::EventPage page;
  PageRoom room(limit);
  std::uint64_t id = std::min<std::uint64_t>(after_id, history_.size());
  for (; id < history_.size() && room.take(bytes_of(history_[id].row.data)); ++id)
    page.rows.push_back(history_[id]);
  page.more = id < history_.size();
  page.last_id = page.rows.empty() ? history_.size() : page.rows.back().row.id;
  return page;
}

}  // namespace baton::memory
