#pragma once

#include "common/failpoints/failpoint.h"
#include "common/ports/flow_store.h"

namespace baton::failpoints {

/// A store whose process dies at a claim or a step: before it is given on, or when its answer has come. Store
/// and failpoint must outlive it.
class FailingStore final : public ports::FlowStore {
 public:
  FailingStore(ports::FlowStore& store, Failpoint& failpoint) : store_(store), failpoint_(failpoint) {}

  void claim(const ports::ClaimRequest&, Done<ports::ClaimOutcome>) override;
  void append(ports::StepWrite, Done<void>) override;

  void listen(Listener& listener) override { store_.listen(listener); }
  void check(Done<void> done) override { store_.check(std::move(done)); }
  void meet_board(const std::string& id, std::uint32_t noted, Done<ports::BoardStanding> done) override {
    store_.meet_board(id, noted, std::move(done));
  }
  void mark_board(const std::string& id, std::int32_t version, Done<void> done) override {
    store_.mark_board(id, version, std::move(done));
  }
  void take_sweep(const ports::Sweep& sweep, Done<ports::SweepTurn> done) override {
    store_.take_sweep(sweep, std::move(done));
  }
  void end_sweep(const ports::Sweep& sweep, Done<void> done) override {
    store_.end_sweep(sweep, std::move(done));
  }
  void unfinished(const std::vector<std::string>& folders, std::uint64_t after, std::uint32_t limit,
                  Done<ports::UnfinishedPage> done) override {
    store_.unfinished(folders, after, limit, std::move(done));
  }
  void load(FlowId flow, Epoch epoch, Done<ports::FlowSnapshot> done) override {
    store_.load(flow, epoch, std::move(done));
  }
  void mark_removed(const JobId& job, std::uint32_t run, Done<void> done) override {
    store_.mark_removed(job, run, std::move(done));
  }
  void unnoted_removals(const std::vector<std::string>& folders, const ports::EndMark& after,
                        std::uint32_t limit, Done<ports::UnnotedPage> done) override {
    store_.unnoted_removals(folders, after, limit, std::move(done));
  }
  void record_refused(const ports::ClaimRequest& request, const ports::Refusal& refusal,
                      Done<void> done) override {
    store_.record_refused(request, refusal, std::move(done));
  }
  void record_unreadable(const std::string& path, const std::string& why, Done<void> done) override {
    store_.record_unreadable(path, why, std::move(done));
  }
  void settled(const std::vector<ports::DeliveryRef>& all,
               Done<std::vector<ports::DeliveryRef>> done) override {
    store_.settled(all, std::move(done));
  }
  void order(const ports::OrderRequest& request, Done<ports::OrderOutcome> done) override {
    store_.order(request, std::move(done));
  }
  void open_orders(const std::vector<FlowId>& flows, Done<std::vector<ports::FlowOrder>> done) override {
    store_.open_orders(flows, std::move(done));
  }
  void orders(const JobId& job, std::uint32_t limit, Done<ports::OrderPage> done) override {
    store_.orders(job, limit, std::move(done));
  }
  void list(const ports::JobFilter& filter, Done<ports::JobPage> done) override {
    store_.list(filter, std::move(done));
  }
  void summaries(const std::vector<JobId>& jobs, Done<std::vector<ports::JobSummary>> done) override {
    store_.summaries(jobs, std::move(done));
  }
  void trashed_nodes(const std::string& before, std::uint32_t limit, Done<ports::TrashedPage> done) override {
    store_.trashed_nodes(before, limit, std::move(done));
  }
  void show(const JobId& job, const ports::AtomPage& page, Done<ports::JobDetail> done) override {
    store_.show(job, page, std::move(done));
  }
  void history(const JobId& job, std::uint64_t after, std::uint32_t limit,
               Done<ports::HistoryPage> done) override {
    store_.history(job, after, limit, std::move(done));
  }
  void events(std::uint64_t after, std::uint32_t limit, Done<ports::EventPage> done) override {
    store_.events(after, limit, std::move(done));
  }
  void put_flow_file(const ports::FlowFilePut& put, Done<ports::FlowFileOutcome> done) override {
    store_.put_flow_file(put, std::move(done));
  }
  void flow_file(const std::string& name, std::uint32_t version, Done<ports::StoredFlowFile> done) override {
    store_.flow_file(name, version, std::move(done));
  }
  void flow_files(const std::string& after, std::uint32_t limit, Done<ports::FlowFilePage> done) override {
    store_.flow_files(after, limit, std::move(done));
  }
  void flow_file_versions(const std::string& name, std::uint32_t before, std::uint32_t limit,
                          Done<ports::FlowFilePage> done) override {
    store_.flow_file_versions(name, before, limit, std::move(done));
  }
  ports::HookStore* hooks() override { return store_.hooks(); }

 private:
  template <class T>
  Done<T> watched(Done<T> done) const;

  ports::FlowStore& store_;
  Failpoint& failpoint_;
};

}  // namespace baton::failpoints
