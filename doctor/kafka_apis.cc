#include "doctor/kafka_apis.h"

namespace baton::doctor {
namespace {

constexpr std::string_view kClient = "baton-doctor";
constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kHeadBytes = 14;  // length, correlation id, error, count
constexpr std::size_t kEntryBytes = 6;  // key, lowest, highest version

void put(std::string& out, std::uint64_t number, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(number >> (8 * i) & 0xff);
}

std::int64_t get(std::string_view bytes, std::size_t at, std::size_t count) {
  std::int64_t number = static_cast<signed char>(bytes[at]) < 0 ? -1 : 0;
  for (std::size_t i = 0; i < count; ++i) number = number * 256 + static_cast<unsigned char>(bytes[at + i]);
  return number;
}

}  // namespace

std::string api_versions_request() {
  std::string body;
  put(body, 18, 2), put(body, 0, 2);  // key, version
  put(body, 1, 4);                    // correlation id
  put(body, kClient.size(), 2);
  body += kClient;
  std::string request;
  put(request, body.size(), 4);
  return request + body;
}

bool api_versions_answered(std::string_view bytes) {
  return bytes.size() >= kLengthBytes &&
         static_cast<std::int64_t>(bytes.size() - kLengthBytes) >= get(bytes, 0, kLengthBytes);
}

KafkaApisSeen read_api_versions(std::string_view bytes) {
  KafkaApisSeen seen;
  if (bytes.size() < kHeadBytes || !api_versions_answered(bytes)) {
    seen.trouble = "it does not answer as Kafka does without TLS";
    return seen;
  }
  const auto count = get(bytes, 10, 4);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto at = kHeadBytes + static_cast<std::size_t>(i) * kEntryBytes;
    if (at + kEntryBytes > bytes.size()) break;
    seen.max_version[get(bytes, at, 2)] = get(bytes, at + 4, 2);
  }
  return seen;
}

}  // namespace baton::doctor
