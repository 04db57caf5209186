#pragma once

#include <baton/flow.h>
#include <baton/states.h>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

/// Posts jobs to a cluster, follows them and gives orders, over the conductors' HTTP API (docs/api.md).
///
///     baton::embed::Client client("conductor-1:27080,conductor-2:27080");
///     baton::embed::Posting posting;
///     posting.flow = "create-cluster";
///     posting.parameters = {{"nodes", {"a", "b"}}};
///     posting.key = "order-4711";
///     const auto job = client.follow(client.post(posting).uuid);
namespace baton::embed {

namespace json = boost::json;
namespace sdk = baton::sdk;

struct Posting {
  /// A registered flow's name, or that of a stored flow file: its newest version, or NAME@VERSION …
  std::string flow;
  json::object parameters;               // … and its parameters,
  std::optional<sdk::Flow> inline_flow;  // or the flow itself
  json::object store;                    // initial values, by symbol
  std::string name, priority, uuid;      // empty: what the API takes
  std::string key;                       // idempotency key: posting again with it is harmless
};

struct Posted {
  std::string uuid;
  bool fresh = true;          // false: it was there already
  std::string warning;        // that no conductor that answered knows the flow, …
  std::uint32_t version = 0;  // of the stored flow file that it was posted with; 0: with none
};

struct Job {
  std::string uuid, name;
  FlowState state = FlowState::pending;
  std::uint32_t run = 1;
  json::object all;  // the API's answer
};

/// One row of a job's history, as it comes.
struct JobEvent {
  std::string id;     // to go on behind
  std::string atom;   // empty: the flow's, or a range's
  std::string state;  // empty: it has none new
  std::string what;   // for people
  json::object row;   // the API's row
};

struct Order {
  std::string order;                       // suspend resume cancel rerun retry skip done
  std::string who, why;                    // for the history
  bool keep = false;                       // of cancel: nothing is reverted
  bool anew = false;                       // of rerun: nothing is kept
  std::string atom;                        // of retry, skip and done
  std::optional<json::value> result = {};  // of done
  std::uint32_t run = 0;                   // only if that is the job's last run; 0: whichever it is
};

/// Nobody answered (status 0), or the answer is a problem.
class ClientError : public std::runtime_error {
 public:
  ClientError(unsigned status, const std::string& what, json::value problem = nullptr)
      : std::runtime_error(what), status_(status), problem_(std::move(problem)) {}
  unsigned status() const { return status_; }
  const json::value& problem() const { return problem_; }  // RFC 9457's members; null: there are none

 private:
  unsigned status_;
  json::value problem_;
};

/// Blocking; one thread at a time. Each call throws ClientError. A request is tried at one conductor after
/// the other until one answers; one that may have been taken is repeated only where that is harmless.
class Client {
 public:
  /// "host:port,host:port": conductors, in the order of trying.
  explicit Client(const std::string& conductors = "127.0.0.1:27080",
                  std::chrono::milliseconds timeout = std::chrono::seconds(30));
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  Posted post(const Posting&);
  Job show(const std::string& uuid);
  /// Its rows from the first one on, as they come; until the job has ended and all its rows were told, or
  /// `on_event` says false. Goes on behind the last row when a conductor goes away.
  Job follow(const std::string& uuid, const std::function<bool(const JobEvent&)>& on_event = nullptr);
  /// Returns when it is recorded; the flow carries it out. Gives the order's number.
  std::uint64_t order(const std::string& uuid, const Order&);

  static constexpr int kBreaksMax = 40;  // of a stream, in a row without a byte

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace baton::embed
