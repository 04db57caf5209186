#pragma once

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <memory>
#include <optional>

#include "common/memory/event_loop.h"
#include "common/memory/flow_store.h"
#include "common/postgres/flow_store.h"
#include "common/runtime/asio_loop.h"
#include "common/sqlite/flow_file.h"
#include "tests/support/postgres_schema.h"
#include "tests/support/scratch_folder.h"

#include "tests/contract/store/shown_tables.h"

namespace baton::test {

/// One database, several stores on it (as several conductors have them), and a loop that is run until an
/// answer is there.
class MemoryStores {
 public:
  std::unique_ptr<ports::FlowStore> open() {
    return std::make_unique<memory::MemoryFlowStore>(loop_, loop_, database_);
  }
  bool run_until(const std::function<bool()>& done) {
    return loop_.run_until(done, std::chrono::seconds(10));
  }

 private:
  memory::EventLoop loop_;
  std::shared_ptr<memory::FlowDatabase> database_ = std::make_shared<memory::FlowDatabase>();
};

class PostgresStores {
 public:
  PostgresStores() = default;
  explicit PostgresStores(const std::string& conninfo) : schema_(PostgresSchema::Migrated::Yes, conninfo) {}

  std::unique_ptr<ports::FlowStore> open() {
    return std::make_unique<postgres::PostgresFlowStore>(
        io_, postgres::FlowStoreSettings{schema_.conninfo(), schema_.name(), schema_.name()});
  }
  bool run_until(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < deadline) {
      if (done()) return true;
      io_.restart();
      io_.run_one_for(std::chrono::milliseconds(20));  // what is waited for may be outside the loop
    }
    return false;
  }
  const PostgresSchema& schema() const { return schema_; }
  boost::asio::io_context& io() { return io_; }

 private:
  PostgresSchema schema_;
  boost::asio::io_context io_;
};

/// One state file. At the end of each story it is read anew: what is in it is what was in memory.
class SqliteStores {
 public:
  SqliteStores() : file_(read()) {}
  ~SqliteStores() {
    const std::string before = shown(file_->database().tables());
    file_.reset();
    const auto again = read();
    CHECK((again ? shown(again->database().tables()) : "cannot be read") == before);
  }

  std::unique_ptr<ports::FlowStore> open() { return file_->open_store(); }
  bool run_until(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < deadline) {
      if (done()) return true;
      loop_.after(Millis(1), [this] { loop_.stop(); });
      loop_.run();
    }
    return false;
  }

 private:
  std::unique_ptr<sqlite::FlowFile> read() {
    auto file = sqlite::FlowFile::open(folder_.path() + "/flow.state", sqlite::StateFile::IfMissing::Make,
                                       loop_, loop_);
    if (file.ok()) return std::move(file).value();
    FAIL_CHECK(file.error().message);
    return nullptr;
  }

  ScratchFolder folder_;
  runtime::AsioLoop loop_;
  std::unique_ptr<sqlite::FlowFile> file_;
};

/// What came of one call.
template <class T>
struct Answer {
  using Outcome = Result<T, ports::StoreError>;
  std::shared_ptr<std::optional<Outcome>> outcome = std::make_shared<std::optional<Outcome>>();

  ports::FlowStore::Done<T> done() const {
    return [outcome = outcome](Outcome result) {
      if (outcome->has_value()) throw std::logic_error("a callback was called twice");
      outcome->emplace(std::move(result));
    };
  }
  bool there() const { return outcome->has_value(); }
};

}  // namespace baton::test
