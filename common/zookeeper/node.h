#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "common/model/result.h"

/// The words of ZooKeeper that the adapters use, without the client library's header.
namespace baton::zookeeper {

/// NoNode … BadVersion: what the server said, nothing was done. ConnectionLoss: unknown whether it was done;
/// read back. SessionLost: this session is over, nothing more can be done in it. Refused: anything else.
enum class Code { NoNode, NodeExists, NotEmpty, BadVersion, ConnectionLoss, SessionLost, Refused };
struct Error {
  Code code;
  std::string message;        // "create /taskflow/jobs/job: connection loss"
  std::size_t operation = 0;  // of a multi: the first one that was refused
};
template <class T>
using Done = std::function<void(Result<T, Error>)>;

struct Stat {
  std::int64_t czxid = 0;  // of the transaction that created it: never the same for two nodes
  std::int64_t ctime_ms = 0;
  std::int32_t version = 0;
  std::int32_t children = 0;
  std::int64_t ephemeral_owner = 0;  // the session; 0: persistent
};
struct Node {
  std::string data;
  Stat stat;
};

enum class NodeKind { Persistent, Ephemeral, PersistentSequential };

inline constexpr std::int32_t kAnyVersion = -1;
struct CreateOp {
  std::string path, data;
  NodeKind kind = NodeKind::Persistent;
};
struct RemoveOp {
  std::string path;
  std::int32_t version = kAnyVersion;
};
struct CheckOp {
  std::string path;
  std::int32_t version = kAnyVersion;
};
struct SetOp {
  std::string path, data;
  std::int32_t version = kAnyVersion;
};
using Op = std::variant<CreateOp, RemoveOp, CheckOp, SetOp>;

}  // namespace baton::zookeeper
