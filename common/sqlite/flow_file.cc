#include "common/sqlite/flow_file.h"

#include <signal.h>

#include <algorithm>
#include <utility>

#include "common/memory/flow_store.h"

namespace baton::sqlite {
namespace {

void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

/// The way to a database that answers when what it has done is on the disk. A word on its way may outlive
/// both sides.
class KeptLink final : public memory::Link {
 public:
  KeptLink(FlowFile& file, std::weak_ptr<const bool> file_alive, ports::Executor& executor)
      : file_(file), file_alive_(std::move(file_alive)), executor_(executor) {}
  void to_server(std::function<void()> arrives) override { executor_.post(std::move(arrives)); }
  void to_client(std::function<void()> arrives) override {
    if (file_alive_.expired()) return;
    // Where it failed the store has been told: it has lost its connection.
    file_.when_kept([arrives = std::move(arrives)](bool kept) {
      if (kept) arrives();
    });
  }

 private:
  FlowFile& file_;
  const std::weak_ptr<const bool> file_alive_;
  ports::Executor& executor_;
};

}  // namespace

/// A MemoryFlowStore over the file's database; the file tells it when a commit has failed.
class FlowFile::KeptStore final : public memory::MemoryFlowStore {
 public:
  explicit KeptStore(FlowFile& file)
      : MemoryFlowStore(file.executor_, file.clock_, file.database_,
                        std::make_shared<KeptLink>(file, file.alive_, file.executor_)),
        file_(file) {
    file_.stores_.push_back(this);
    if (file_.unread_) set_away(true);
  }
  ~KeptStore() override { std::erase(file_.stores_, this); }

 private:
  FlowFile& file_;
};

Result<std::unique_ptr<FlowFile>, FileError> FlowFile::open(const std::string& path,
                                                            StateFile::IfMissing if_missing,
                                                            ports::Executor& executor, ports::Clock& clock) {
  return read(StateFile::open(path, if_missing), executor, clock);
}

Result<std::unique_ptr<FlowFile>, FileError> FlowFile::open_copy(const std::string& path,
                                                                 ports::Executor& executor,
                                                                 ports::Clock& clock) {
  return read(StateFile::open_copy(path), executor, clock);
}

Result<std::unique_ptr<FlowFile>, FileError> FlowFile::read(Result<StateFile, FileError> file,
                                                            ports::Executor& executor, ports::Clock& clock) {
  if (!file.ok()) return Fail(file.error());
  auto tables = file->read();
  auto postings = file->read_postings();
  if (!tables.ok() || !postings.ok())
    return Fail(FileError{FileError::Kind::NotOurs,
                          file->path() + " cannot be used as a state file: " +
                              (tables.ok() ? postings.error() : tables.error()).message +
                              "\n  hint: it was left as it is; name another file, or take it from a backup"});
  return std::unique_ptr<FlowFile>(new FlowFile(std::move(file).value(), std::move(tables).value(),
                                                std::move(postings).value(), executor, clock));
}

FlowFile::FlowFile(StateFile file, memory::FlowTables tables, std::vector<Posting> postings,
                   ports::Executor& executor, ports::Clock& clock)
    : file_(std::move(file)), executor_(executor), clock_(clock) {
  put_back(std::move(tables), std::move(postings));
  database_->keep_journal(this);
  thread_ = std::thread([this] { write_all(); });
}

void FlowFile::put_back(memory::FlowTables tables, std::vector<Posting> postings) {
  database_->restore(std::move(tables));
  postings_.clear();
  for (Posting& posting : postings) {
    const JobId uuid = posting.uuid;
    postings_[uuid] = std::move(posting);
  }
}

FlowFile::~FlowFile() {
  database_->keep_journal(nullptr);
  alive_.reset();
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

std::unique_ptr<ports::FlowStore> FlowFile::open_store() {
  return std::make_unique<KeptStore>(*this);
}

const ports::JobSummary* FlowFile::only_job() const {
  const auto& jobs = database_->jobs();
  return jobs.empty() ? nullptr : &jobs.begin()->second.summary;
}

const Posting* FlowFile::posting_of(const JobId& uuid) const {
  const auto found = database_->jobs().find(uuid);
  return found == database_->jobs().end() ? nullptr : &found->second.posting;
}

const std::string* FlowFile::plan_of(const JobId& uuid) const {
  const auto found = database_->jobs().find(uuid);
  return found == database_->jobs().end() || !found->second.plan ? nullptr : &*found->second.plan;
}

void FlowFile::keep_posting(const Posting& posting) {
  postings_[posting.uuid] = posting;
  next_.changes.emplace_back(PostingChange{posting.uuid, std::string(posting.raw.json())});
}

std::vector<Posting> FlowFile::postings() const {
  std::vector<Posting> all;
  for (const auto& [uuid, posting] : postings_) all.push_back(posting);
  return all;
}

void FlowFile::when_kept(Kept then) {
  if (unread_) return refuse_later({std::move(then)});  // the memory is void, and the file is the reader's
  next_.then.push_back(std::move(then));
  hand_over();
}

/// Later in the loop's turn, so that what is said in one turn shares the commit.
void FlowFile::hand_over() {
  if (under_way_ || std::exchange(handing_over_, true)) return;
  executor_.post([this, alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    handing_over_ = false;
    Batch batch = std::exchange(next_, {});
    if (batch.changes.empty()) return tell(batch.then, true);  // all of it is on the disk
    batch.refuse = refuse_commits_;
    under_way_ = true;
    {
      const std::lock_guard lock(mutex_);
      to_write_.push_back(std::move(batch));
    }
    changed_.notify_one();
  });
}

void FlowFile::write_all() {
  block_signals();
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !to_write_.empty(); });
    if (to_write_.empty()) return;
    auto batch = std::make_shared<Batch>(std::move(to_write_.front()));
    to_write_.pop_front();
    lock.unlock();
    auto done = batch->refuse
                    ? Result<void, SqlError>(Fail(SqlError{SqlError::Kind::Full, "the disk is full"}))
                    : file_.write(batch->changes);
    executor_.post([this, alive = if_alive_, batch, done = std::move(done)]() mutable {
      if (!alive.expired()) written(std::move(*batch), std::move(done));
    });
    batch.reset();
    lock.lock();
  }
}

void FlowFile::written(Batch batch, Result<void, SqlError> done) {
  under_way_ = false;
  if (!done.ok()) return failed(std::move(batch), file_.path() + ": " + done.error().message);
  trouble_.clear();
  const std::weak_ptr alive(alive_);
  tell(batch.then, true);
  if (alive.expired()) return;
  if (!next_.changes.empty() || !next_.then.empty()) hand_over();
}

/// Nothing of this object is touched afterwards: one of them may have ended it.
void FlowFile::tell(const std::vector<Kept>& all, bool kept) {
  const std::weak_ptr alive(alive_);
  for (const auto& then : all)
    if (!alive.expired()) then(kept);
}

void FlowFile::refuse_later(std::vector<Kept> all) {
  executor_.post([this, alive = std::weak_ptr(alive_), all = std::move(all)] {
    if (!alive.expired()) tell(all, false);
  });
}

/// What was done in memory since the last good commit never was: nobody may see it.
void FlowFile::failed(Batch batch, const std::string& why) {
  trouble_ = why;
  refuse_later(std::move(batch.then));
  refuse_later(std::exchange(next_, {}).then);
  for (KeptStore* store : stores_) store->lose_connection();
  read_again();
}

void FlowFile::read_again() {
  using Tables = decltype(file_.read());
  auto tables =
      refuse_reads_ ? Tables(Fail(SqlError{SqlError::Kind::Other, "the disk is away"})) : file_.read();
  auto postings = file_.read_postings();
  if (tables.ok() && postings.ok()) {
    put_back(std::move(tables).value(), std::move(postings).value());
    next_ = {};
    unread_ = false;
    for (KeptStore* store : stores_) store->set_away(false);
    return;
  }
  trouble_ = file_.path() + ": " + (tables.ok() ? postings.error() : tables.error()).message;
  unread_ = true;
  for (KeptStore* store : stores_) store->set_away(true);
  clock_.after(kReadAgainPause, [this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) read_again();
  });
}

// ---- what the database tells

void FlowFile::job_changed(const memory::JobRow& job) {
  const auto posted = postings_.find(job.summary.uuid);
  if (posted != postings_.end() && posted->second.run <= job.summary.run) {
    postings_.erase(posted);
    next_.changes.emplace_back(PostingTaken{job.summary.uuid});
  }
  auto row = std::make_shared<memory::JobRow>();
  row->summary = job.summary;
  row->posting = job.posting;
  row->content = job.content;
  row->conductor = job.conductor;
  row->number = job.number;
  row->last_flow_seq = job.last_flow_seq;
  row->removed_at = job.removed_at;
  next_.changes.emplace_back(JobChange{std::move(row)});
}

void FlowFile::atoms_added(const memory::JobRow& job) {
  next_.changes.emplace_back(PlanChange{job.number, *job.plan});
  for (std::size_t atom = 0; atom < job.atoms.size(); ++atom)
    next_.changes.emplace_back(AtomChange{job.number, static_cast<AtomIndex>(atom), job.atoms[atom]});
}

void FlowFile::atom_changed(const memory::JobRow& job, AtomIndex atom) {
  next_.changes.emplace_back(AtomChange{job.number, atom, job.atoms[atom]});
}

void FlowFile::range_added(const memory::JobRow& job, const Fact& range) {
  next_.changes.emplace_back(RangeChange{job.number, range});
}

void FlowFile::history_added(const memory::JobRow& job, const ports::HistoryRow& row) {
  next_.changes.emplace_back(HistoryChange{job.number, row});
}

void FlowFile::order_changed(const ports::OrderRecord& order) {
  next_.changes.emplace_back(order);
}

void FlowFile::node_trashed(const ports::TrashedNode& node) {
  next_.changes.emplace_back(node);
}

void FlowFile::standing_changed(const memory::StandingRow& row) {
  next_.changes.emplace_back(row);
}

void FlowFile::flow_file_added(const ports::StoredFlowFile& file) {
  next_.changes.emplace_back(file);
}

void FlowFile::hook_call_changed(const ports::HookCall& call) {
  next_.changes.emplace_back(call);
}

}  // namespace baton::sqlite
