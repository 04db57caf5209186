#include <iostream>

#include "common/runtime/asio_loop.h"
#include "common/runtime/command_line.h"
#include "common/runtime/exit_codes.h"
#include "common/runtime/service_notifier.h"
#include "common/runtime/setting.h"
#include "common/runtime/settings.h"
#include "common/runtime/signals.h"
#include "examples/cloud/http_server.h"

namespace {

using namespace baton;
using namespace std::chrono_literals;

constexpr runtime::Setting<std::int64_t> kPort{.name = "cloud.port",
                                               .doc = "Port on loopback; 0: any free one, which is printed.",
                                               .fallback = 0,
                                               .min = 0,
                                               .max = 65535};
constexpr runtime::Setting<Millis> kBootTime{.name = "cloud.boot_ms",
                                             .doc = "How long a server is BUILDING before it is ACTIVE.",
                                             .fallback = 500ms,
                                             .min = 0ms,
                                             .max = 3'600'000ms};
constexpr runtime::Setting<bool> kCheckTokens{
    .name = "cloud.check_tokens",
    .doc = "Refuse calls with a fencing token lower than one seen; off: as a vendor that knows no tokens.",
    .fallback = true};
constexpr runtime::Setting<std::string> kLedger{.name = "cloud.ledger",
                                                .doc = "File that every call is appended to; empty: none."};

}  // namespace

int main(int argc, char** argv) {
  const runtime::Program program{"example-cloud",
                                 "A vendor's cloud to try Baton on: servers, clusters, faults, a ledger.",
                                 "0.1.0",
                                 {kPort, kBootTime, kCheckTokens, kLedger},
                                 ""};
  const auto read =
      runtime::read_command_line(program, runtime::Invocation::of_process(argc, argv), std::cout, std::cerr);
  if (const auto* code = std::get_if<runtime::ExitCode>(&read)) return runtime::to_int(*code);
  const auto& settings = std::get<runtime::Settings>(read);

  runtime::AsioLoop loop;
  using Tokens = example_cloud::Cloud::Tokens;
  example_cloud::Cloud cloud(settings.get(kBootTime), settings.get(kLedger),
                             settings.get(kCheckTokens) ? Tokens::Checked : Tokens::Ignored);
  std::string failure;
  const example_cloud::HttpServer server(
      loop.io_context(), static_cast<std::uint16_t>(settings.get(kPort)),
      [&](const example_cloud::Call& call) { return cloud.handle(call, loop.wall()); }, failure);
  if (!failure.empty())
    return std::cerr << "example-cloud: " << failure << "\n", runtime::to_int(runtime::ExitCode::Unreachable);

  const runtime::Signals signals(
      loop, [&loop] { loop.stop(); }, [&loop] { loop.stop(); });
  runtime::ServiceNotifier notifier(loop);
  std::cout << "example-cloud: http://127.0.0.1:" << server.port() << std::endl;
  notifier.ready("serving");
  loop.run();
  return runtime::to_int(runtime::ExitCode::Success);
}
