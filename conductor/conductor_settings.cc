#include "conductor/conductor_settings.h"

#include "common/runtime/log.h"

namespace baton::conductor::settings {

std::vector<runtime::SettingSpec> all() {
  return {runtime::kZooKeeperHosts,
          runtime::kZooKeeperSessionTimeout,
          runtime::kZooKeeperRoot,
          runtime::kKafkaBrokers,
          runtime::kKafkaTopicPrefix,
          kPartitions,
          kReplication,
          kPostgres,
          kSchema,
          kName,
          kBoard,
          kBoardShards,
          kModules,
          kFlowsMax,
          kPrefetch,
          kDrain,
          kHooksFile,
          kApiAddress,
          kApiPort,
          kApiAdvertised,
          runtime::kRuntimeFolder,
          runtime::kLogLevel,
          runtime::kLogFormat};
}

}  // namespace baton::conductor::settings
