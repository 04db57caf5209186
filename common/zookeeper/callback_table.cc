#include "common/zookeeper/callback_table.h"

#include <zookeeper/zookeeper.h>

namespace baton::zookeeper {
namespace {

std::uint64_t number(const void* context) {
  return reinterpret_cast<std::uintptr_t>(context);
}

void post(ports::Executor& executor, std::function<void(Reply)> callback, Reply reply) {
  executor.post(
      [callback = std::move(callback), reply = std::move(reply)]() mutable { callback(std::move(reply)); });
}

}  // namespace

CallbackTable& CallbackTable::instance() {
  // Never destroyed: a thread of the library may still be about when static objects go.
  static auto* const table = new CallbackTable;
  return *table;
}

std::uint64_t CallbackTable::new_handle() {
  const std::lock_guard lock(mutex_);
  return ++last_;
}

const void* CallbackTable::add(std::uint64_t handle, ports::Executor& executor,
                               std::function<void(Reply)> callback, Results results) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t id = ++last_;
  waiting_.emplace(id, Entry{handle, &executor, std::move(callback), std::move(results)});
  return reinterpret_cast<const void*>(static_cast<std::uintptr_t>(id));
}

void CallbackTable::deliver(const void* context, Reply reply) {
  Entry entry;
  {
    const std::lock_guard lock(mutex_);
    const auto found = waiting_.find(number(context));
    if (found == waiting_.end()) return;
    entry = std::move(found->second);
    waiting_.erase(found);
  }
  post(*entry.executor, std::move(entry.callback), std::move(reply));
}

CallbackTable::Results CallbackTable::results(const void* context) {
  const std::lock_guard lock(mutex_);
  const auto found = waiting_.find(number(context));
  return found == waiting_.end() ? nullptr : found->second.results;
}

void CallbackTable::forget(const void* context) {
  const std::lock_guard lock(mutex_);
  waiting_.erase(number(context));
}

void CallbackTable::close(std::uint64_t handle) {
  std::vector<Entry> left;
  {
    const std::lock_guard lock(mutex_);
    for (auto it = waiting_.begin(); it != waiting_.end();) {
      if (it->second.handle == handle) left.push_back(std::move(it->second));
      it = it->second.handle == handle ? waiting_.erase(it) : std::next(it);
    }
  }
  for (auto& entry : left) {
    Reply reply;
    reply.rc = ZCLOSING;
    post(*entry.executor, std::move(entry.callback), std::move(reply));
  }
}

}  // namespace baton::zookeeper
