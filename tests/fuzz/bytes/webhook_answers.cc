#include "conductor/hooks/webhook.h"

#include <atomic>

#include "tests/fuzz/bytes/expectations.h"
#include "tests/fuzz/bytes/telling_server.h"

/// What the receiver of a webhook answers: HTTP, or behind a first line "TLS" whatever comes where a TLS
/// session was wanted.
namespace {

using namespace baton;

constexpr std::string_view kTls = "TLS\n";
constexpr Millis kTimeout{5'000};

/// Only "HTTP/1.x 2.." is a yes.
bool may_be_taken(std::string_view answer) {
  return answer.starts_with("HTTP/1.") && answer.substr(0, 10).ends_with(" 2");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static auto& server = *new fuzz::TellingServer;
  auto bytes = fuzz::text_of(data, size);
  const bool tls = bytes.starts_with(kTls);
  if (tls) bytes.remove_prefix(kTls.size());
  server.tell(std::string(bytes));
  conductor::WebhookRequest request;
  request.url = (tls ? "https://" : "http://") + server.address() + "/hooks";
  request.body = "{}";
  request.timeout = kTimeout;
  const std::atomic<bool> stop = false;
  const auto error = conductor::call_webhook(request, stop);
  if (error.empty())
    return fuzz::expect(!tls && may_be_taken(bytes), "who has not answered has taken nothing"), 0;
  fuzz::expect_told(error);
  return 0;
}
