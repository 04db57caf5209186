#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/command/context.h"

/// The commands of `baton`, one a file; each asks the API, prints, and says how it ended.
namespace baton::client {

struct PostOptions {
  std::string flow, file;                      // a registered flow's name, or a flow file
  std::vector<std::string> parameters, store;  // "name=value"
  std::string name, priority, key, uuid, reason;
  bool wait = false, dry_run = false;
};
Ended post_job(const Context&, const PostOptions&);

struct ListOptions {
  std::vector<std::string> states, priorities;  // each one or several, "a,b"
  std::string name, flow, conductor, since, until, cursor;
  int limit = 50;
  int watch_s = 0;  // 0: once
};
Ended list_jobs(const Context&, const ListOptions&);
Ended show_job(const Context&, const std::string& uuid, int watch_s);
Ended watch_job(const Context&, const std::string& uuid);
Ended show_history(const Context&, const std::string& uuid);

struct OrderOptions {
  std::string order;  // "suspend", "resume", "cancel", "rerun", "retry", "skip", "done"
  std::string uuid, who, reason, atom;
  std::string result;  // JSON; empty: none
  bool keep = false, anew = false;
  int run = 0;  // that has ended; 0: whichever it is
  bool wait = false, dry_run = false;
};
Ended order_job(const Context&, const OrderOptions&);
/// "user@host": whom the history names unless --who says otherwise.
std::string who_we_are();

Ended list_workers(const Context&, int watch_s);
Ended list_conductors(const Context&, int watch_s);
Ended list_left_alone(const Context&, int watch_s);
Ended list_hooks(const Context&);
Ended list_hooks_of(const Context&, const std::string& uuid);
Ended test_hook(const Context&, const std::string& name);
struct HookRetryOptions {
  std::string call, who, reason;
  bool dry_run = false;
};
Ended retry_hook_call(const Context&, const HookRetryOptions&);
/// Of a job, if there are such and somebody tells them.
void print_hook_calls(const Context&, const std::string& uuid);

Ended list_flows(const Context&, const std::string& name);  // a stored one's versions; empty: all flows
Ended show_flow(const Context&, const std::string& name);

}  // namespace baton::client
