#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fstream>
#include <string>

#include "common/model/time.h"

namespace baton::example_cloud {

/// One call, whatever came of it: tests judge by it that nothing was done twice.
struct LedgerEntry {
  TimePoint at{};
  std::string verb;      // create, get, delete, configure
  std::string hostname;  // or the cluster's name
  std::string key;       // idempotency key
  std::string token;     // fencing token, as shown
  std::string
      outcome;  // created, repeated, stale, failed, hung, deleted, nothing, found, missing, configured
};

/// Every call since the start, in order; also appended to a file where one is named.
class Ledger {
 public:
  static constexpr std::size_t kEntriesMax =
      1'000'000;  // then the oldest half is dropped from memory (not from the file)

  explicit Ledger(const std::string& file);
  void add(const LedgerEntry&);
  boost::json::array read() const { return entries_; }

 private:
  boost::json::array entries_;
  std::ofstream file_;
};

}  // namespace baton::example_cloud
