#include <boost/json/serialize.hpp>
#include <ostream>

#include "client/command/commands.h"
#include "client/command/show_text.h"

namespace baton::client {

Ended show_job(const Context& context, const std::string& uuid) {
  const auto answer = context.http.get(job_target(uuid));
  if (!answer.ok()) return refuse(context, answer.error());
  if (answer->status != 200) return refuse(context, *answer);
  if (context.json)
    context.out << boost::json::serialize(answer->body) << '\n';
  else
    print_job(context.out, answer->body, context.terminal);
  return Ended::Success;
}

}  // namespace baton::client
