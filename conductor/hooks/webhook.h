#pragma once

#include <atomic>
#include <map>
#include <string>

#include "common/model/time.h"

namespace baton::conductor {

/// One request, with its secrets put in.
struct WebhookRequest {
  std::string url;
  std::map<std::string, std::string> headers;
  std::string ca_file;
  std::string body;
  Millis timeout{0};
};

/// Of an answer that is no success so much is told.
inline constexpr std::size_t kAnswerBytesMax = 500;

/// POSTs the body once, by HTTP or HTTPS (the server's certificate is verified). Empty: it was answered with
/// 2xx; else why not. No redirect is followed. The error names the host, never the rest of the address or a
/// header. Blocks, in its own thread, for the timeout at most; only a host's name may take longer to be
/// looked up. `stop`: end soon.
std::string call_webhook(const WebhookRequest&, const std::atomic<bool>& stop);

}  // namespace baton::conductor
