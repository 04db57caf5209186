#include "common/zookeeper/handle.h"

#include <zookeeper/zookeeper.h>

#include <cerrno>
#include <cstring>

#include "common/model/assert.h"
#include "common/zookeeper/callback_table.h"

namespace baton::zookeeper {
namespace {

CallbackTable& table() {
  return CallbackTable::instance();
}

Code code_of(int rc) {
  switch (rc) {
    case ZNONODE:
      return Code::NoNode;
    case ZNODEEXISTS:
      return Code::NodeExists;
    case ZNOTEMPTY:
      return Code::NotEmpty;
    case ZBADVERSION:
      return Code::BadVersion;
    case ZCONNECTIONLOSS:
    case ZOPERATIONTIMEOUT:
    case ZSESSIONMOVED:
    case ZTHROTTLEDOP:
      return Code::ConnectionLoss;
    case ZSESSIONEXPIRED:
    case ZCLOSING:
    case ZINVALIDSTATE:
      return Code::SessionLost;
    default:
      return Code::Refused;
  }
}

Fail<Error> failed(const std::string& what, const Reply& reply) {
  return Fail(Error{code_of(reply.rc), what + ": " + zerror(reply.rc), reply.operation});
}

Stat copied(const ::Stat* stat) {
  if (!stat) return {};
  return {stat->czxid, stat->ctime, stat->version, stat->numChildren, stat->ephemeralOwner};
}

Reply reply_of(int rc, const ::Stat* stat = nullptr) {
  Reply reply;
  reply.rc = rc;
  reply.stat = copied(stat);
  return reply;
}

// ---- on the library's threads ----

void on_void(int rc, const void* context) {
  table().deliver(context, reply_of(rc));
}

void on_stat(int rc, const ::Stat* stat, const void* context) {
  table().deliver(context, reply_of(rc, stat));
}

void on_data(int rc, const char* value, int length, const ::Stat* stat, const void* context) {
  Reply reply = reply_of(rc, stat);
  if (value && length > 0) reply.data.assign(value, static_cast<std::size_t>(length));
  table().deliver(context, std::move(reply));
}

void on_string(int rc, const char* value, const void* context) {
  Reply reply = reply_of(rc);
  if (value) reply.data = value;
  table().deliver(context, std::move(reply));
}

void on_strings(int rc, const String_vector* strings, const void* context) {
  Reply reply = reply_of(rc);
  for (int i = 0; strings && i < strings->count; ++i) reply.names.emplace_back(strings->data[i]);
  table().deliver(context, std::move(reply));
}

void on_multi(int rc, const void* context) {
  Reply reply = reply_of(rc);
  const auto results = table().results(context);
  for (std::size_t i = 0; rc != ZOK && results && i < results->size(); ++i)
    if ((*results)[i].err == rc) {
      reply.operation = i;
      break;
    }
  table().deliver(context, std::move(reply));
}

/// Watches of a path. The library tells them of the connection too; that is the session watcher's business.
void on_watch(zhandle_t*, int type, int, const char*, void* context) {
  if (type != ZOO_SESSION_EVENT) table().deliver(context, {});
}

/// Not in the table, which forgets after one call. Pointed to by the library until zookeeper_close() returns.
struct SessionWatcher {
  ports::Executor& executor;
  Handle::OnEvent on_event;
};

void on_session(zhandle_t* handle, int type, int state, const char*, void*) {
  if (type != ZOO_SESSION_EVENT) return;
  auto* const watcher = static_cast<const SessionWatcher*>(zoo_get_context(handle));
  auto event = Handle::Event::Disconnected;
  SessionIdentity identity;
  if (state == ZOO_CONNECTED_STATE) {
    event = Handle::Event::Connected;
    const clientid_t* const client = zoo_client_id(handle);
    identity.id = client->client_id;
    std::memcpy(identity.password.data(), client->passwd, identity.password.size());
    identity.timeout = Millis{zoo_recv_timeout(handle)};
  } else if (state == ZOO_EXPIRED_SESSION_STATE || state == ZOO_AUTH_FAILED_STATE) {
    event = Handle::Event::Ended;
  }
  watcher->executor.post([on_event = watcher->on_event, event, identity] { on_event(event, identity); });
}

/// The session events say what matters; the library's lines would only fill stderr.
void swallow_log(const char*) {}

int mode_of(NodeKind kind) {
  switch (kind) {
    case NodeKind::Persistent:
      return ZOO_PERSISTENT;
    case NodeKind::Ephemeral:
      return ZOO_EPHEMERAL;
    case NodeKind::PersistentSequential:
      return ZOO_PERSISTENT_SEQUENTIAL;
  }
  BATON_ASSERT(false);
  return 0;
}

int length(const std::string& data) {
  return static_cast<int>(data.size());
}

/// The library serializes the operations before it returns: the strings need to live only for the call.
zoo_op_t native(const Op& op) {
  zoo_op_t out{};
  if (const auto* create = std::get_if<CreateOp>(&op))
    zoo_create_op_init(&out, create->path.c_str(), create->data.data(), length(create->data),
                       &ZOO_OPEN_ACL_UNSAFE, mode_of(create->kind), nullptr, 0);
  else if (const auto* remove = std::get_if<RemoveOp>(&op))
    zoo_delete_op_init(&out, remove->path.c_str(), remove->version);
  else if (const auto* check = std::get_if<CheckOp>(&op))
    zoo_check_op_init(&out, check->path.c_str(), check->version);
  else if (const auto* set = std::get_if<SetOp>(&op))
    zoo_set_op_init(&out, set->path.c_str(), set->data.data(), length(set->data), set->version, nullptr);
  return out;
}

}  // namespace

struct Handle::Impl {
  SessionWatcher watcher;
  std::uint64_t number = table().new_handle();
  zhandle_t* handle = nullptr;

  const void* wait(std::function<void(Reply)> callback, CallbackTable::Results results = nullptr) {
    return table().add(number, watcher.executor, std::move(callback), std::move(results));
  }

  void* watch(const std::function<void()>& on_change) {
    if (!on_change) return nullptr;
    return const_cast<void*>(wait([on_change](const Reply& reply) {
      if (reply.rc == ZOK) on_change();  // ZCLOSING: the session ended, its watches with it
    }));
  }

  /// The library took the request, or it will never answer: then we do.
  void sent(int rc, const void* context) {
    if (rc != ZOK) table().deliver(context, reply_of(rc));
  }
};

Handle::Handle(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

std::unique_ptr<Handle> Handle::open(const std::string& hosts, Millis timeout, ports::Executor& executor,
                                     OnEvent on_event, std::string& why) {
  auto impl = std::make_unique<Impl>(Impl{{executor, std::move(on_event)}});
  zoo_set_debug_level(ZOO_LOG_LEVEL_ERROR);
  errno = 0;
  impl->handle = zookeeper_init2(hosts.c_str(), on_session, static_cast<int>(timeout.count()), nullptr,
                                 &impl->watcher, ZOO_NO_LOG_CLIENTENV, swallow_log);
  if (!impl->handle) {
    why = std::strerror(errno);
    return nullptr;
  }
  // Otherwise the library resolves the names whenever it looks at its socket; a lost connection still does.
  zoo_set_servers_resolution_delay(impl->handle, -1);
  return std::unique_ptr<Handle>(new Handle(std::move(impl)));
}

Handle::~Handle() {
  zookeeper_close(impl_->handle);
  table().close(impl_->number);
}

void Handle::create(const std::string& path, const std::string& data, NodeKind kind, Done<std::string> done) {
  const auto* context = impl_->wait([path, done = std::move(done)](Reply reply) {
    if (reply.rc == ZOK)
      done(std::move(reply.data));
    else
      done(failed("create " + path, reply));
  });
  impl_->sent(zoo_acreate(impl_->handle, path.c_str(), data.data(), length(data), &ZOO_OPEN_ACL_UNSAFE,
                          mode_of(kind), on_string, context),
              context);
}

void Handle::get(const std::string& path, Done<Node> done, std::function<void()> on_change) {
  void* const watch = impl_->watch(on_change);
  const auto* context = impl_->wait([path, watch, done = std::move(done)](Reply reply) {
    if (reply.rc == ZOK) {
      done(Node{std::move(reply.data), reply.stat});
    } else {
      table().forget(watch);
      done(failed("get " + path, reply));
    }
  });
  impl_->sent(zoo_awget(impl_->handle, path.c_str(), watch ? on_watch : nullptr, watch, on_data, context),
              context);
}

void Handle::exists(const std::string& path, Done<Stat> done) {
  const auto* context = impl_->wait([path, done = std::move(done)](const Reply& reply) {
    if (reply.rc == ZOK)
      done(reply.stat);
    else
      done(failed("exists " + path, reply));
  });
  impl_->sent(zoo_aexists(impl_->handle, path.c_str(), 0, on_stat, context), context);
}

void Handle::children(const std::string& path, Done<std::vector<std::string>> done,
                      std::function<void()> on_change) {
  void* const watch = impl_->watch(on_change);
  const auto* context = impl_->wait([path, watch, done = std::move(done)](Reply reply) {
    if (reply.rc == ZOK) {
      done(std::move(reply.names));
    } else {
      table().forget(watch);
      done(failed("list " + path, reply));
    }
  });
  impl_->sent(
      zoo_awget_children(impl_->handle, path.c_str(), watch ? on_watch : nullptr, watch, on_strings, context),
      context);
}

void Handle::set(const std::string& path, const std::string& data, std::int32_t version, Done<Stat> done) {
  const auto* context = impl_->wait([path, done = std::move(done)](const Reply& reply) {
    if (reply.rc == ZOK)
      done(reply.stat);
    else
      done(failed("set " + path, reply));
  });
  impl_->sent(zoo_aset(impl_->handle, path.c_str(), data.data(), length(data), version, on_stat, context),
              context);
}

void Handle::remove(const std::string& path, std::int32_t version, Done<void> done) {
  const auto* context = impl_->wait([path, done = std::move(done)](const Reply& reply) {
    if (reply.rc == ZOK)
      done({});
    else
      done(failed("delete " + path, reply));
  });
  impl_->sent(zoo_adelete(impl_->handle, path.c_str(), version, on_void, context), context);
}

void Handle::multi(const std::vector<Op>& ops, Done<void> done) {
  std::vector<zoo_op_t> natives;
  natives.reserve(ops.size());
  for (const auto& op : ops) natives.push_back(native(op));
  const std::string first = std::visit([](const auto& op) { return op.path; }, ops.front());
  auto results = std::make_shared<std::vector<zoo_op_result>>(ops.size());
  const auto* context = impl_->wait(
      [first, results, done = std::move(done)](const Reply& reply) {
        if (reply.rc == ZOK)
          done({});
        else
          done(failed("multi on " + first + ", operation " + std::to_string(reply.operation), reply));
      },
      results);
  impl_->sent(zoo_amulti(impl_->handle, static_cast<int>(natives.size()), natives.data(), results->data(),
                         on_multi, context),
              context);
}

void Handle::sync(const std::string& path, Done<void> done) {
  const auto* context = impl_->wait([path, done = std::move(done)](const Reply& reply) {
    if (reply.rc == ZOK)
      done({});
    else
      done(failed("sync " + path, reply));
  });
  impl_->sent(zoo_async(impl_->handle, path.c_str(), on_string, context), context);
}

}  // namespace baton::zookeeper
