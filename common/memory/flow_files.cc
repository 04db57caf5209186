/// Flow files of a FlowDatabase, by name and version.
#include <algorithm>

#include "common/memory/flow_database.h"

namespace baton::memory {

using ports::FlowFilePage;
using ports::FlowFileVerdict;
using ports::StoreError;
using ports::StoreErrorCode;

namespace {

StoreError no_flow_file(const std::string& name, std::uint32_t version = 0) {
  return {StoreErrorCode::NotFound,
          "no flow file '" + name + "'" + (version > 0 ? " of version " + std::to_string(version) : "")};
}

}  // namespace

FlowDatabase::Outcome<ports::FlowFileOutcome> FlowDatabase::put_flow_file(const ports::FlowFilePut& put,
                                                                          TimePoint now) {
  const auto found = flow_files_.find(put.name);
  const bool known = found != flow_files_.end();
  ports::FlowFileOutcome outcome;
  if (known) outcome.newest = found->second.back().about;
  const std::uint32_t newest = known ? outcome.newest->version : 0;
  const auto say = [&](FlowFileVerdict verdict) {
    outcome.verdict = verdict;
    return outcome;
  };
  if (known && outcome.newest->digest == put.digest) return say(FlowFileVerdict::Same);
  if (put.if_version && *put.if_version != newest) return say(FlowFileVerdict::OtherVersion);
  if (!known && flow_files_.size() >= kFlowFileNamesMax) return say(FlowFileVerdict::TooManyNames);
  if (newest >= kFlowFileVersionsMax) return say(FlowFileVerdict::TooMany);
  outcome.newest = {put.name, newest + 1, put.digest, put.who, put.why, now};
  auto& versions = flow_files_[put.name];
  versions.push_back({*outcome.newest, put.content});
  journal(&Journal::flow_file_added, versions.back());
  return say(FlowFileVerdict::Stored);
}

FlowDatabase::Outcome<ports::StoredFlowFile> FlowDatabase::flow_file(const std::string& name,
                                                                     std::uint32_t version) const {
  const auto found = flow_files_.find(name);
  if (found == flow_files_.end()) return Fail(no_flow_file(name));
  if (version > found->second.size()) return Fail(no_flow_file(name, version));
  return version == 0 ? found->second.back() : found->second[version - 1];
}

FlowDatabase::Outcome<FlowFilePage> FlowDatabase::flow_files(const std::string& after,
                                                             std::uint32_t limit) const {
  FlowFilePage page;
  for (auto at = flow_files_.upper_bound(after); at != flow_files_.end() && !page.more; ++at) {
    page.more = page.files.size() == limit;
    if (!page.more) page.files.push_back(at->second.back().about);
  }
  return page;
}

FlowDatabase::Outcome<FlowFilePage> FlowDatabase::flow_file_versions(const std::string& name,
                                                                     std::uint32_t before,
                                                                     std::uint32_t limit) const {
  const auto found = flow_files_.find(name);
  if (found == flow_files_.end()) return Fail(no_flow_file(name));
  std::size_t version = found->second.size();
  if (before > 0) version = std::min(version, std::size_t{before} - 1);
  FlowFilePage page;
  page.more = version > limit;
  for (; version > 0 && page.files.size() < limit; --version)
    page.files.push_back(found->second[version - 1].about);
  return page;
}

}  // namespace baton::memory
