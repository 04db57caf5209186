#include "worker/worker_settings.h"

#include "common/runtime/log.h"
#include "common/runtime/server_settings.h"

namespace baton::worker::settings {

std::vector<runtime::SettingSpec> all() {
  return {runtime::kZooKeeperHosts,
          runtime::kZooKeeperSessionTimeout,
          runtime::kZooKeeperRoot,
          runtime::kKafkaBrokers,
          runtime::kKafkaTopicPrefix,
          runtime::kRuntimeFolder,
          kName,
          kSlots,
          kPrefetch,
          kLabels,
          kModules,
          kCommands,
          kCommandPrograms,
          kCommandGuard,
          kReportInterval,
          kAnswersMax,
          kAnswerBytesMax,
          kDrain,
          runtime::kLogLevel,
          runtime::kLogFormat};
}

}  // namespace baton::worker::settings
