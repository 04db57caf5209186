#include "client/event_stream_reader.h"

#include <utility>

namespace baton::client {

bool EventStreamReader::feed(std::string_view bytes,
                             const std::function<bool(const ServerEvent&)>& on_event) {
  for (const char c : bytes) {
    if (c == '\r') continue;
    if (c != '\n') {
      if (line_.size() < kEventBytesMax) line_ += c;
      continue;
    }
    const std::string line = std::exchange(line_, {});
    if (!line.empty()) {
      take_line(line);
      continue;
    }
    ServerEvent event = std::exchange(event_, {});
    event_.id = event.id;  // stays until another one comes
    if (!event.data.empty() && !on_event(event)) return false;
  }
  return true;
}

void EventStreamReader::take_line(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == 0) return;  // a comment
  const auto field = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "id") event_.id = value;
  if (field == "event") event_.type = value;
  if (field != "data" || event_.data.size() + value.size() > kEventBytesMax) return;
  if (!event_.data.empty()) event_.data += '\n';
  event_.data += value;
}

}  // namespace baton::client
