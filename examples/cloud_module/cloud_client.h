#pragma once

#include <baton/task.h>

#include <string>

namespace examples {

/// What a task shows the vendor with each call.
struct Proof {
  std::string idempotency_key;
  std::string fencing_token;  // "<flow>/<atom>/<dispatch>"
  static Proof of(const baton::sdk::Context&);
};

/// One blocking HTTP call to the cloud at BATON_EXAMPLE_CLOUD (default 127.0.0.1:27090), bounded by
/// kCallTimeout and given up at once when the task is asked to end (the cloud may have carried it out: the
/// revert deletes by key). Throws Cancelled, or TaskFailure: CloudUnreachable, CloudRefused (with status and
/// body), StaleDelivery (409: a later delivery of this atom was there before; nothing was done).
boost::json::value call_cloud(const baton::sdk::Context&, const std::string& method,
                              const std::string& target, const Proof&, const boost::json::value& body = {});

}  // namespace examples
