#include <baton/registry.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "examples/cloud_module/cloud_client.h"
#include "examples/cloud_module/server_tasks.h"

/// Tasks of the end-to-end tests, with which a moment lasts as long as a test wants, or the worker dies.
namespace {

using namespace baton::sdk;

/// server.create, with a look at the cloud first. Between the two it waits, where the worker is told of
/// gates, until the named pipe of its hostname has been opened by the test: in something that knows nothing
/// of cancelling.
struct GatedCreate : examples::CreateServer {
  json::value execute(Context& context, const json::object& arguments) override {
    examples::call_cloud(context, "GET", "/servers", examples::Proof::of(context), arguments);
    if (const char* const gates = std::getenv("BATON_TEST_GATES"))
      const std::ifstream gate(std::string(gates) + "/" + arguments.at("hostname").as_string().c_str());
    return CreateServer::execute(context, arguments);
  }
};

/// No exception tells of it. Given "kill", nor does a signal that can be heard.
struct Crash : Task {
  json::value execute(Context&, const json::object& arguments) override {
    if (arguments.contains("kill")) ::kill(::getpid(), SIGKILL);
    std::abort();
  }
};

}  // namespace

BATON_MODULE("tests.end_to_end", "1.0") {
  tasks.add<GatedCreate>("gated.create", "makes a server when its gate is opened");
  tasks.add<Crash>("crash", "kills its worker");
}
