#pragma once

#include <string>
#include <string_view>

#include "doctor/seen.h"

/// Kafka's request ApiVersions (key 18, version 0), which every broker answers before anything else: what it
/// can speak. The client library asks it too, and does not tell.
namespace baton::doctor {

std::string api_versions_request();
/// All of the answer is there.
bool api_versions_answered(std::string_view bytes);
KafkaApisSeen read_api_versions(std::string_view bytes);

}  // namespace baton::doctor
