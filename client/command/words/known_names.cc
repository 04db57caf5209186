#include "client/command/words/known_names.h"

#include "client/http_client.h"

namespace baton::client {
namespace {

constexpr const char* kJobs = "/v1/jobs?limit=50";

}  // namespace

std::vector<Candidate> names_of_conductor(Values values, const std::vector<std::string>& addresses) {
  const bool jobs = values == Values::Job;
  const auto answer = HttpClient(addresses, kTabPatience).get(jobs ? kJobs : "/v1/flows");
  const auto* body = answer.ok() ? answer->body.if_object() : nullptr;
  const auto* list = body ? body->if_contains(jobs ? "jobs" : "flows") : nullptr;
  std::vector<Candidate> names;
  if (!list || !list->is_array()) return names;
  for (const auto& item : list->get_array()) {
    if (jobs)
      names.push_back({text_of(item, "uuid"), text_of(item, "name") + " " + text_of(item, "state")});
    else
      names.push_back({text_of(item, "name"), text_of(item, "description")});
    if (names.back().text.empty()) names.pop_back();
  }
  return names;
}

}  // namespace baton::client
