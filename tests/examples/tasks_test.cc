#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <future>
#include <thread>

#include "common/modules/module_set.h"
#include "examples/cloud/http_server.h"
#include "worker/module_task.h"
#include "worker/task_control.h"

using namespace baton;
using namespace baton::worker;

namespace {

constexpr std::chrono::seconds kLimit{20};  // less than what a call may take

/// The module's tasks, as a worker runs them, and a cloud whose calls hang for an hour.
struct HangingCloud {
  HangingCloud() {
    REQUIRE(modules.load(CLOUD_MODULE).ok());
    REQUIRE(failure.empty());
    ::setenv("BATON_EXAMPLE_CLOUD", ("127.0.0.1:" + std::to_string(server.port())).c_str(), 1);
    serving = std::thread([this] { io.run(); });
  }
  ~HangingCloud() {
    io.stop();
    serving.join();
  }

  static wire::Request request(Intention intention) {
    wire::Request request;
    request.delivery.atom = "create-a";
    request.delivery.intention = intention;
    request.delivery.attempt = request.delivery.dispatch = 1;
    request.arguments = Value::parse(R"({"hostname": "a"})").value();
    return request;
  }
  /// Runs server.create, asks it to end when the cloud has its call, and says how it ended.
  std::string ended_by_cancel(Intention intention) {
    const ModuleTask task(*modules.tasks().at("server.create").type);
    auto outcome = std::async(std::launch::async, [&] { return task.run(request(intention), control); });
    REQUIRE(called.get_future().wait_for(kLimit) == std::future_status::ready);
    control.cancel();
    REQUIRE(outcome.wait_for(kLimit) == std::future_status::ready);
    const auto end = outcome.get();
    const auto* told = std::get_if<Failure>(&end);
    return told ? told->type + ": " + told->message : "succeeded";
  }

  std::promise<void> called;
  std::string failure;
  boost::asio::io_context io;
  example_cloud::HttpServer server{io, 0,
                                   [this](const example_cloud::Call&) {
                                     called.set_value();
                                     return example_cloud::Reply{200, nullptr, std::chrono::hours(1)};
                                   },
                                   failure};
  std::thread serving;
  modules::ModuleSet modules;
  TaskControl control;
};

}  // namespace

TEST_CASE_METHOD(HangingCloud, "a task whose call to the cloud hangs ends at once when it is asked to") {
  CHECK(ended_by_cancel(GENERATE(Intention::Execute, Intention::Revert)) ==
        "Cancelled: ended because it was asked to");
}
