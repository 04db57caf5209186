#include "conductor/api/routes.h"

#include "conductor/api/fleet_reads.h"
#include "conductor/api/metrics_text.h"
#include "conductor/api/problem.h"
#include "conductor/api/target.h"

namespace baton::api {
namespace {

/// "/v1/jobs/{uuid}" fits any third segment that is not empty.
bool fits(std::string_view pattern, const std::vector<std::string>& path) {
  for (const auto& segment : path) {
    if (pattern.empty()) return false;
    pattern.remove_prefix(1);  // the slash
    const auto wanted = pattern.substr(0, pattern.find('/'));
    if (wanted.starts_with('{') ? segment.empty() : wanted != segment) return false;
    pattern.remove_prefix(wanted.size());
  }
  return pattern.empty();
}

/// Routes without parameters refuse every one, in the same words.
template <class Make>
void answer_plain(const Request& request, const Reply& reply, Make make) {
  if (auto unknown = unknown_parameters(request, {})) return reply(to_response(*unknown));
  reply(make());
}

}  // namespace

const Routes::Route Routes::kRoutes[] = {
    {"POST", "/v1/jobs", &Routes::post_job},
    {"GET", "/v1/jobs", &Routes::list_jobs},
    {"GET", "/v1/jobs/{uuid}", &Routes::show_job},
    {"GET", "/v1/jobs/{uuid}/history", &Routes::job_history},
    {"GET", "/v1/jobs/{uuid}/events", &Routes::job_events},
    {"POST", "/v1/jobs/{uuid}/orders", &Routes::order_job},
    {"GET", "/v1/jobs/{uuid}/orders", &Routes::job_orders},
    {"GET", "/v1/jobs/{uuid}/hooks", &Routes::job_hooks},
    {"GET", "/v1/hooks", &Routes::list_hooks},
    {"POST", "/v1/hooks/{name}/test", &Routes::test_hook},
    {"POST", "/v1/hook-calls/{id}/retry", &Routes::retry_hook_call},
    {"GET", "/v1/events", &Routes::all_events},
    {"GET", "/v1/workers", &Routes::workers},
    {"GET", "/v1/conductors", &Routes::conductors},
    {"GET", "/v1/self", &Routes::self},
    {"GET", "/v1/left-alone", &Routes::left_alone},
    {"GET", "/v1/flows", &Routes::flows},
    {"GET", "/v1/flows/{name}", &Routes::flow},
    {"GET", "/v1/flow-files", &Routes::list_flow_files},
    {"POST", "/v1/flow-files/{name}", &Routes::put_flow_file},
    {"GET", "/v1/flow-files/{name}", &Routes::show_flow_file},
    {"GET", "/v1/flow-files/{name}/versions", &Routes::flow_file_versions},
    {"GET", "/metrics", &Routes::metrics},
    {"GET", "/healthz", &Routes::health},
    {"GET", "/readyz", &Routes::readiness},
};

Routes::Routes(const Backend& backend, const Limits& limits)
    : backend_(backend),
      limits_(limits),
      board_(std::make_shared<BoardView>(backend.board, backend.clock, limits_.board_age_max)),
      reads_(std::make_shared<JobReads>(backend, limits_, board_)),
      list_(std::make_shared<JobList>(backend, limits_, board_, reads_)),
      posts_(std::make_shared<JobPosts>(backend, board_)),
      orders_(std::make_shared<JobOrders>(backend, board_)),
      files_(std::make_shared<FlowFiles>(backend, limits_)),
      hooks_(std::make_shared<HookReads>(backend, board_)),
      retries_(std::make_shared<HookRetries>(backend)) {}

void Routes::handle(const Request& request, Reply reply) {
  std::string allowed;
  for (const auto& route : kRoutes) {
    if (!fits(route.path, request.path)) continue;
    if (route.method == request.method) return (this->*route.handler)(request, std::move(reply));
    allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
  }
  if (!allowed.empty())
    return reply(to_response({405,
                              "wrong-method",
                              "The method is not served here",
                              "this path knows " + allowed + ", not " + request.method,
                              {},
                              {{"Allow", allowed}}}));
  std::string known;
  for (const auto& route : kRoutes)
    known += (known.empty() ? "" : ", ") + std::string(route.method) + " " + std::string(route.path);
  reply(to_response({404, "no-such-path", "Nothing is served here", "known: " + known}));
}

void Routes::all_events(const Request& request, Reply reply) {
  if (auto unknown = unknown_parameters(request, {})) return reply(to_response(*unknown));
  if (request.last_event_id.empty()) return reply(StreamAnswer{std::nullopt, ports::kFromNow});
  const auto after = whole_number(request.last_event_id);
  if (!after || *after == ports::kFromNow)
    return reply(to_response(
        bad_request("Last-Event-ID '" + request.last_event_id + "' is no id that this stream has sent")));
  reply(StreamAnswer{std::nullopt, *after});
}

void Routes::workers(const Request& request, Reply reply) {
  answer_plain(request, reply, [this] { return workers_response(backend_.inspection); });
}

void Routes::conductors(const Request& request, Reply reply) {
  answer_plain(request, reply, [this] { return conductors_response(backend_.inspection); });
}

void Routes::self(const Request& request, Reply reply) {
  answer_plain(request, reply, [this] {
    return self_response(backend_.inspection, backend_.facts ? backend_.facts() : ProcessFacts{},
                         backend_.clock.wall());
  });
}

void Routes::left_alone(const Request& request, Reply reply) {
  answer_plain(request, reply, [this] { return left_alone_response(backend_.inspection); });
}

void Routes::flows(const Request& request, Reply reply) {
  answer_plain(request, reply, [this] { return flows_response(backend_.catalogue); });
}

void Routes::flow(const Request& request, Reply reply) {
  answer_plain(request, reply, [&] { return flow_response(backend_.catalogue, request.path[2]); });
}

void Routes::metrics(const Request& request, Reply reply) {
  answer_plain(request, reply, [this] {
    return Response{200,
                    "text/plain; version=0.0.4; charset=utf-8",
                    backend_.metrics.text() + metrics_text(backend_.inspection),
                    {}};
  });
}

/// The owner's thread turns: that is all. Whether it can work is /readyz.
void Routes::health(const Request& request, Reply reply) {
  answer_plain(request, reply, [] { return Response{200, "application/json", "{\"alive\": true}", {}}; });
}

void Routes::readiness(const Request& request, Reply reply) {
  answer_plain(request, reply, [this] { return readiness_response(backend_.inspection); });
}

}  // namespace baton::api
