#pragma once

#include "common/modules/module_set.h"
#include "conductor/flow_catalogue.h"

namespace baton::conductor {

/// The modules' flow factories and retry policies, as the conductor wants them. Filled at start, then only
/// read; owner's thread only.
class ModuleCatalogue final : public FlowCatalogue, public engine::UserRetries {
 public:
  /// All files, or why one of them cannot be used.
  Result<void, std::string> load(const std::vector<std::string>& files);

  bool knows(std::string_view name) const override { return modules_.knows_flow(name); }
  Result<Value, CatalogueError> build(std::string_view name, const Value& args, const Value& kwargs) override;
  std::vector<CatalogueEntry> entries() const override;
  const engine::UserRetries* retries() const override { return this; }

  // engine::UserRetries
  bool knows(const std::string& policy) const override { return modules_.knows_retry(policy); }
  Result<Value, Failure> execute(const engine::RetryCall&) const override;
  Result<RetryAnswer, Failure> on_failure(const engine::RetryCall&, const std::string& failed,
                                          const Failure&) const override;

 private:
  modules::ModuleSet modules_;
};

}  // namespace baton::conductor
