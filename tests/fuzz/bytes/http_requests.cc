#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>

#include "common/memory/event_loop.h"
#include "common/memory/flow_store.h"
#include "common/memory/job_board.h"
#include "common/memory/seeded_entropy.h"
#include "conductor/api/request_reader.h"
#include "conductor/api/routes.h"
#include "flowfile/limits.h"
#include "tests/fuzz/bytes/expectations.h"

/// What a client of the HTTP API sends on one connection, read as api::Connection does, and what the routes
/// answer on a board and a store in memory.
namespace {

namespace http = boost::beast::http;
using namespace baton;
using fuzz::expect;

constexpr std::size_t kDetailToldMax = 17 * kKiB;  // what it quotes is cut to 16, and a few words
constexpr std::size_t kRequestsMax = 8;            // of one connection

/// But for a hook, "page".
struct NothingToShow final : conductor::Inspection {
  ports::Member self() const override { return {}; }
  std::vector<conductor::LiveFlow> flows() const override { return {}; }
  std::optional<conductor::LiveFlow> flow(const JobId&) const override { return std::nullopt; }
  std::vector<conductor::LeftAloneJob> left_alone() const override { return {}; }
  std::vector<conductor::ParkedJob> parked() const override { return {}; }
  std::vector<conductor::WorkerView> workers() const override { return {}; }
  std::vector<ports::Member> conductors() const override { return {}; }
  conductor::Counters counters() const override { return {}; }
  conductor::Gauges gauges() const override { return {}; }
  const conductor::HookBook* hooks() const override { return &book; }
  bool test_hook(const std::string& name, std::function<void(const std::string& error)> done) override {
    if (!book.find(name)) return false;
    done("it was not taken");
    return true;
  }

  const conductor::HookBook book = [] {
    conductor::Hook page;
    page.name = "page";
    page.on = {ports::HookEvent::Failed};
    page.how = conductor::HookCommand{{"page"}};
    return conductor::HookBook({page});
  }();
};

/// One flow, "greet", that takes anything.
struct OneFlow final : conductor::FlowCatalogue {
  bool knows(std::string_view name) const override { return name == "greet"; }
  Result<Value, conductor::CatalogueError> build(std::string_view name, const Value&, const Value&) override {
    if (!knows(name))
      return Fail(conductor::CatalogueError{conductor::CatalogueError::Kind::UnknownFlow, "no"});
    return Value::from_stored(
        R"({"name": "greet", "pattern": "linear", "nodes": [{"task": "say", "name": "hello"}]})");
  }
  std::vector<conductor::CatalogueEntry> entries() const override { return {{"greet", "", {}, "m", "1"}}; }
};

struct Conductor {
  memory::EventLoop loop;
  memory::SeededEntropy entropy{7};
  memory::MemoryEnsemble ensemble{loop, loop, entropy};
  memory::MemorySession session{ensemble};
  memory::MemoryJobBoard board{session, {"/taskflow/jobs", "conductor-1"}};
  memory::MemoryFlowStore store{loop, loop, std::make_shared<memory::FlowDatabase>()};
  NothingToShow inspection;
  conductor::EventFeed feed;
  OneFlow catalogue;
  runtime::Metrics metrics;
  std::shared_ptr<api::Routes> routes = std::make_shared<api::Routes>(
      api::Backend{store, board, inspection, feed, catalogue, loop, entropy, metrics}, api::Limits{});
};

void check_problem(const boost::json::object& body, unsigned status) {
  expect(body.at("status").to_number<unsigned>() == status, "a problem says its status");
  for (const char* member : {"type", "title"}) fuzz::expect_told(std::string(body.at(member).as_string()));
  fuzz::expect_told(std::string(body.at("detail").as_string()), kDetailToldMax);
  const auto* errors = body.if_contains("errors");
  if (!errors) return;
  expect(errors->as_array().size() <= flowfile::kProblemsMax, "what is wrong is told bounded");
  for (const auto& error : errors->as_array())
    fuzz::expect_told(std::string(error.at("detail").as_string()), kDetailToldMax);
}

void check(const api::Response& response) {
  expect(response.status >= 200 && response.status < 600, "a status that is one");
  if (response.content_type != "application/json" && response.content_type != "application/problem+json")
    return;
  const auto body = Value::parse(response.body, 16 * kMiB);
  expect(body.ok(), "an answer is JSON: " + response.body);
  if (response.content_type == "application/problem+json")
    check_problem(body->tree().as_object(), response.status);
}

void ask(Conductor& conductor, const api::Request& request) {
  int answers = 0;
  conductor.routes->handle(request, [&answers](const api::Answer& answer) {
    ++answers;
    if (const auto* response = std::get_if<api::Response>(&answer)) check(*response);
  });
  conductor.loop.run_for(api::Limits{}.answer_timeout);
  expect(answers == 1, "one request, one answer");
}

/// How far one message goes; of what is none the answer is looked at. False: there is no more.
bool read_message(api::RequestParser& parser, const api::Limits& limits, std::string_view bytes,
                  std::size_t& used) {
  api::bound(parser, limits);
  parser.eager(true);
  while (used < bytes.size() && !parser.is_done()) {
    boost::beast::error_code error;
    const auto taken = parser.put(boost::asio::buffer(bytes.data() + used, bytes.size() - used), error);
    used += taken;
    if (const auto problem = error ? api::problem_of(error, limits) : std::nullopt)
      check(api::to_response(*problem));
    if (error || taken == 0) return false;
  }
  return parser.is_done();
}

/// Where little is allowed.
void check_bounded(std::string_view bytes) {
  api::Limits tight;
  tight.header_bytes_max = 64;
  tight.body_bytes_max = 16;
  api::RequestParser parser;
  std::size_t used = 0;
  if (!read_message(parser, tight, bytes, used)) return;
  expect(parser.get().body().size() <= tight.body_bytes_max, "a body's bound");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto bytes = fuzz::text_of(data, size);
  check_bounded(bytes);
  Conductor conductor;
  for (std::size_t i = 0; i < kRequestsMax && !bytes.empty(); ++i) {
    api::RequestParser parser;
    std::size_t used = 0;
    if (!read_message(parser, {}, bytes, used)) return 0;
    bytes.remove_prefix(used);
    const auto request = api::read_request(parser.get(), true);
    if (request.ok())
      ask(conductor, *request);
    else
      check(api::to_response(request.error()));
  }
  return 0;
}
