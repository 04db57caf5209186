#include "examples/cloud/ledger.h"

#include <boost/json/serialize.hpp>

namespace baton::example_cloud {

Ledger::Ledger(const std::string& file) {
  if (!file.empty()) file_.open(file, std::ios::app);
}

void Ledger::add(const LedgerEntry& entry) {
  boost::json::object line{{"at", to_rfc3339(entry.at)}, {"verb", entry.verb},   {"hostname", entry.hostname},
                           {"key", entry.key},           {"token", entry.token}, {"outcome", entry.outcome}};
  if (file_.is_open())
    file_ << boost::json::serialize(line) << std::endl;  // a killed cloud leaves a whole ledger
  if (entries_.size() >= kEntriesMax) entries_.erase(entries_.begin(), entries_.begin() + kEntriesMax / 2);
  entries_.emplace_back(std::move(line));
}

}  // namespace baton::example_cloud
