#pragma once

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <memory>
#include <optional>

#include "common/memory/event_loop.h"
#include "common/memory/flow_store.h"
#include "common/postgres/flow_store.h"
#include "tests/support/postgres_schema.h"

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
