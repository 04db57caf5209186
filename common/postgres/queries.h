#pragma once

#include "common/postgres/transaction.h"

/// What people ask for, as statements of a read.
namespace baton::postgres {

/// Read from a page's cursor ("" is the newest); nothing: it is none of ours.
std::optional<std::int64_t> cursor_number(const std::string& cursor);

/// Whether a job is here; of one that is not, what is said of it.
struct Presence {
  bool there = true;
  std::optional<TimePoint> pruned_before;
};
/// Added to a read before what needs it. Reads what was pruned only where the job is missing: prunes are many
/// in a few years, and jobs that are here are asked for all the time.
std::shared_ptr<const Presence> add_presence(Transaction&, const JobId&);
ports::StoreError no_job(const JobId&, const Presence&);

void add_unfinished(Transaction&, const std::vector<std::string>& folders, std::uint64_t after,
                    std::uint32_t limit, Done<ports::UnfinishedPage>);
void add_unnoted_removals(Transaction&, const std::vector<std::string>& folders, const ports::EndMark& after,
                          std::uint32_t limit, Done<ports::UnnotedPage>);
void add_settled(Transaction&, const std::vector<ports::DeliveryRef>&, Done<std::vector<ports::DeliveryRef>>);
void add_open_orders(Transaction&, const std::vector<FlowId>&, Done<std::vector<ports::FlowOrder>>);
void add_job_orders(Transaction&, const JobId&, std::uint32_t limit, Done<ports::OrderPage>);
void add_list(Transaction&, const ports::JobFilter&, std::int64_t before, Done<ports::JobPage>);
void add_summaries(Transaction&, const std::vector<JobId>&, Done<std::vector<ports::JobSummary>>);
void add_trashed(Transaction&, const std::string& before_path, std::uint32_t limit, Done<ports::TrashedPage>);
void add_show(Transaction&, const JobId&, const ports::AtomPage&, Done<ports::JobDetail>);
void add_history(Transaction&, const JobId&, std::uint64_t after_id, std::uint32_t limit,
                 Done<ports::HistoryPage>);
void add_flow_file(Transaction&, const std::string& name, std::uint32_t version, Done<ports::StoredFlowFile>);
void add_flow_file_list(Transaction&, const std::string& after, std::uint32_t limit,
                        Done<ports::FlowFilePage>);
void add_flow_file_versions(Transaction&, const std::string& name, std::uint32_t before, std::uint32_t limit,
                            Done<ports::FlowFilePage>);
void add_events(Transaction&, std::uint64_t after_id, std::uint32_t limit, Done<ports::EventPage>);

void add_take_hook_calls(Transaction&, const ports::HookTake&, Done<std::vector<ports::HookCall>>);
void add_end_hook_call(Transaction&, const ports::HookEnding&, Done<void>);
void add_retry_hook_call(Transaction&, const ports::HookRetry&, Done<bool>);
void add_stalled_jobs(Transaction&, Millis at_least, std::uint64_t after, std::uint32_t limit,
                      Done<ports::StalledPage>);
void add_record_stalls(Transaction&, const std::vector<ports::NewStall>&, Done<void>);
void add_hook_calls(Transaction&, const ports::HookCallFilter&, Done<ports::HookCallPage>);
void add_hook_counts(Transaction&, Done<std::vector<ports::HookCount>>);

}  // namespace baton::postgres
