#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace baton::client {

/// One server-sent event.
struct ServerEvent {
  std::string id, type, data;
};

/// Cuts a stream of bytes into events (WHATWG "event stream": id, event, data, comments). Bound: an event of
/// more than kEventBytesMax is dropped.
class EventStreamReader {
 public:
  static constexpr std::size_t kEventBytesMax = 16u << 20;

  /// Calls back for every event that is whole; false from it stops and is given back.
  bool feed(std::string_view bytes, const std::function<bool(const ServerEvent&)>& on_event);

 private:
  void take_line(std::string_view line);

  std::string line_;
  ServerEvent event_;
};

}  // namespace baton::client
