/// What people ask of a FlowDatabase.
#include <algorithm>
#include <charconv>

#include "common/memory/flow_database.h"

namespace baton::memory {

using ports::JobSummary;
using ports::StoreError;
using ports::StoreErrorCode;

namespace {

bool wanted(const JobSummary& job, const ports::JobFilter& filter) {
  return (!filter.state || job.state == *filter.state) && job.name.starts_with(filter.name_prefix) &&
         (filter.flow_name.empty() || job.flow_name == filter.flow_name);
}

}  // namespace

JobSummary FlowDatabase::summary_of(const Job& job) {
  JobSummary summary = job.summary;
  summary.atoms = static_cast<std::uint32_t>(job.atoms.size());
  for (const AtomRecord& atom : records(job))
    summary.atoms_done += atom.state == AtomState::Success || atom.state == AtomState::Reverted ||
                          atom.state == AtomState::Ignore;
  return summary;
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
  for (const Job* job : found) {
    if (page.jobs.size() == filter.limit) {
      if (filter.limit > 0) page.next = std::to_string(jobs_.at(page.jobs.back().uuid).number);
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

FlowDatabase::Outcome<ports::JobDetail> FlowDatabase::show(const JobId& uuid) const {
  const auto found = jobs_.find(uuid);
  if (found == jobs_.end()) return Fail(StoreError{StoreErrorCode::NotFound, "no job " + uuid.value});
  const Job& job = found->second;
  ports::JobDetail detail;
  detail.summary = summary_of(job);
  detail.posting = job.posting;
  detail.plan = job.plan.value_or("");
  auto atoms = records(job);
  for (AtomIndex i = 0; i < atoms.size(); ++i)
    detail.atoms.push_back(
        {i, job.atoms[i].name, std::move(atoms[i]), job.atoms[i].started_at, job.atoms[i].ended_at});
  return detail;
}

FlowDatabase::Outcome<ports::HistoryPage> FlowDatabase::history(const JobId& uuid, std::uint64_t after_id,
                                                                std::uint32_t limit) const {
  const auto found = jobs_.find(uuid);
  if (found == jobs_.end()) return Fail(StoreError{StoreErrorCode::NotFound, "no job " + uuid.value});
  const auto& ids = found->second.history;
  ports::HistoryPage page;
  auto id = std::upper_bound(ids.begin(), ids.end(), after_id);
  for (; id != ids.end() && page.rows.size() < limit; ++id) page.rows.push_back(history_[*id - 1].row);
  page.more = id != ids.end();
  return page;
}

FlowDatabase::Outcome<ports::EventPage> FlowDatabase::events(std::uint64_t after_id,
                                                             std::uint32_t limit) const {
  ports::EventPage page;
  std::uint64_t id = std::min<std::uint64_t>(after_id, history_.size());
  for (; id < history_.size() && page.rows.size() < limit; ++id) page.rows.push_back(history_[id]);
  page.more = id < history_.size();
  page.last_id = page.rows.empty() ? history_.size() : page.rows.back().row.id;
  return page;
}

}  // namespace baton::memory
