#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/model/time.h"
#include "examples/cloud/fence.h"
#include "examples/cloud/ledger.h"

namespace baton::example_cloud {

/// A call as it came over HTTP.
struct Call {
  std::string method;  // GET POST PUT DELETE
  std::string path;    // "/servers/srv-3"
  std::map<std::string, std::string> query;
  std::string key, token;  // Idempotency-Key, Fencing-Token
  boost::json::value body;
};

struct Reply {
  unsigned status = 200;
  boost::json::value body;
  Millis after{0};  // answered so much later; the effect is there at once
};

/// How calls go wrong, as a test or a person asks: PUT /faults [{"verb", "hostname", "mode", "times",
/// "delay_ms"}].
struct Fault {
  std::string verb;      // create, get, delete, configure
  std::string hostname;  // empty: any
  std::string mode;  // fail: refused, nothing done; lose: done, then answered 500; hang: done, then delay_ms
                     // without an answer
  std::int64_t times = 1;  // -1: for ever
  Millis delay{3'600'000};
};

/// The vendor: servers that take time to become ACTIVE, clusters, idempotency keys, fencing tokens, faults, a
/// ledger.
///
///   POST   /servers {"hostname"}     -> 201 {"id", "hostname", "status"}; the same key again -> 200 and the
///   same server GET    /servers, /servers/<id> DELETE /servers/<id>, /servers?key=<key of the create>   ->
///   200, also when there is nothing to delete POST   /clusters {"name", "servers"}  -> the one call that
///   configures GET    /clusters, /ledger ; PUT /faults [...] ; DELETE /faults
/// A token lower than one seen for its (flow, atom) -> 409 {"error": "stale"}, unless tokens are ignored, as
/// by a vendor that knows none. Owner's thread only.
class Cloud {
 public:
  enum class Tokens { Checked, Ignored };

  Cloud(Millis boot_time, const std::string& ledger_file, Tokens tokens = Tokens::Checked)
      : boot_time_(boot_time), tokens_(tokens), ledger_(ledger_file) {}

  Reply handle(const Call&, TimePoint now);

 private:
  struct Server {
    std::string id, hostname, key;
    TimePoint active_at{};
  };

  Reply create(const Call&, LedgerEntry&, TimePoint now);
  Reply show(const Call&, LedgerEntry&, TimePoint now);
  Reply remove(const Call&, LedgerEntry&);
  Reply configure(const Call&, LedgerEntry&);
  Reply set_faults(const boost::json::value&);
  Reply effect(const Call&, LedgerEntry&, TimePoint now);
  Fault* fault_of(const LedgerEntry&);
  const Server* find(const Call&) const;
  boost::json::object view(const Server&, TimePoint now) const;

  const Millis boot_time_;
  const Tokens tokens_;
  Ledger ledger_;
  Fence fence_;
  std::vector<Fault> faults_;
  std::map<std::string, Server> servers_;                // by id
  std::map<std::string, boost::json::object> clusters_;  // by name
  std::map<std::string, std::string> created_;           // idempotency key -> server id, also of deleted ones
  std::uint64_t last_id_ = 0;
};

}  // namespace baton::example_cloud
