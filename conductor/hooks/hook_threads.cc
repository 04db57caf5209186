#include "conductor/hooks/hook_threads.h"

#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <boost/core/demangle.hpp>
#include <boost/system/system_error.hpp>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <typeinfo>
#include <utility>
#include <vector>

#include "common/process/bounded_command.h"
#include "common/process/descriptor.h"
#include "conductor/hooks/hook_file.h"
#include "conductor/hooks/webhook.h"

namespace baton::conductor {
namespace {

std::map<std::string, std::string> variables_of(const HookDocument& document) {
  return {{"BATON_HOOK_ID", document.id},       {"BATON_HOOK", document.hook},
          {"BATON_HOOK_EVENT", document.event}, {"BATON_HOOK_ATTEMPT", std::to_string(document.attempt)},
          {"BATON_JOB", document.job},          {"BATON_RUN", std::to_string(document.run)},
          {"BATON_FLOW", document.flow_name},   {"BATON_STATE", document.state}};
}

/// The secrets are put in here, and stay here.
std::string call(const HookWebhook& webhook, Millis timeout, const HookDocument& document,
                 const flowfile::ReadText& read, const std::atomic<bool>& stop) {
  WebhookRequest request{webhook.url, webhook.headers, webhook.ca_file, document.json, timeout};
  if (!webhook.url_file.empty()) {
    auto url = read_secret(webhook.url_file, read);
    if (!url.ok()) return url.error();
    request.url = std::move(url).value();
    if (auto problem = problem_of_url(request.url); !problem.empty())
      return webhook.url_file + " holds no address: " + problem;
  }
  for (const auto& [name, file] : webhook.header_files) {
    auto value = read_secret(file, read);
    if (!value.ok()) return value.error();
    request.headers[name] = std::move(value).value();
  }
  request.headers["Idempotency-Key"] = document.id;
  request.headers["X-Baton-Hook"] = document.hook;
  request.headers["X-Baton-Event"] = document.event;
  request.headers["X-Baton-Attempt"] = std::to_string(document.attempt);
  if (stop) return "the process that called it has ended";
  return call_webhook(request, stop);
}

/// What it threw, in words that hold nothing of what it was given.
std::string words_of(const std::exception& thrown) {
  if (const auto* system = dynamic_cast<const std::system_error*>(&thrown)) return system->code().message();
  if (const auto* boost = dynamic_cast<const boost::system::system_error*>(&thrown))
    return boost->code().message();
  if (dynamic_cast<const std::bad_alloc*>(&thrown)) return "out of memory";
  return "it could not be made: " + boost::core::demangle(typeid(thrown).name());
}

}  // namespace

/// What the threads know of their owner; it outlives whoever ends last.
struct HookThreads::Shared {
  std::mutex mutex;
  std::condition_variable ended;
  ports::Executor* executor = nullptr;  // null: the owner's end has begun
  std::map<std::uint64_t, std::thread> under_way;
  std::vector<std::thread> over;  // to be joined
  std::atomic<bool> stop = false;
  const process::Descriptor stopped{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};

  /// Never throws: an exception in a thread would end the process.
  std::string make(const Hook& hook, const HookDocument& document, const flowfile::ReadText& read) {
    try {
      if (const auto* webhook = std::get_if<HookWebhook>(&hook.how))
        return call(*webhook, hook.timeout, document, read, stop);
      return process::run_bounded({std::get<HookCommand>(hook.how).argv,
                                   process::plain_environment(variables_of(document)), document.json,
                                   hook.timeout, stopped.number()});
    } catch (const std::exception& thrown) {
      return words_of(thrown);
    }
  }

  /// The last that a thread does here.
  void say(std::uint64_t number, std::function<void()> end) {
    const std::lock_guard lock(mutex);
    if (const auto left = under_way.find(number); left != under_way.end()) {
      over.push_back(std::move(left->second));
      under_way.erase(left);
    }
    if (executor) executor->post(std::move(end));
    ended.notify_all();
  }
};

HookThreads::HookThreads(ports::Executor& executor, ports::Clock& clock, flowfile::ReadText read)
    : executor_(executor), clock_(clock), read_(std::move(read)), shared_(std::make_shared<Shared>()) {
  shared_->executor = &executor;
}

HookThreads::~HookThreads() {
  alive_.reset();
  for (const auto& [number, open] : open_) clock_.cancel(open.deadline);
  {
    std::unique_lock lock(shared_->mutex);
    shared_->executor = nullptr;
    shared_->stop = true;
    const std::uint64_t one = 1;
    (void)!::write(shared_->stopped.number(), &one, sizeof one);
    shared_->ended.wait_for(lock, kHookEndGrace, [this] { return shared_->under_way.empty(); });
    for (auto& [number, thread] : shared_->under_way) thread.detach();
    shared_->under_way.clear();
  }
  join_ended();
}

/// They have nothing left to do, so this waits for nothing.
void HookThreads::join_ended() {
  std::vector<std::thread> over;
  {
    const std::lock_guard lock(shared_->mutex);
    over.swap(shared_->over);
  }
  for (auto& thread : over) thread.join();
}

void HookThreads::run(const Hook& hook, const HookDocument& document, Done done) {
  const std::uint64_t number = ++last_;
  const auto later = [this, number, alive = std::weak_ptr(alive_)](std::string error) {
    return [this, number, alive, error = std::move(error)] {
      if (!alive.expired()) end(number, error);
    };
  };
  open_[number].done = std::move(done);
  const std::lock_guard lock(shared_->mutex);
  if (shared_->under_way.size() >= kHookThreadsMax)
    return executor_.post(later(std::to_string(kHookThreadsMax) + " calls of hooks hang; no more are begun"));
  const auto work = [number, shared = shared_, hook, document, read = read_, later] {
    shared->say(number, later(shared->make(hook, document, read)));
  };
  sigset_t all, before;  // signals are the other threads'
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    shared_->under_way.emplace(number, std::thread(work));
    open_[number].deadline = clock_.after(
        hook.timeout + kHookThreadGrace,
        later("it had not ended " + std::to_string(kHookThreadGrace.count()) + " ms after its timeout"));
  } catch (const std::system_error& failed) {
    executor_.post(later(std::string("no thread: ") + failed.what()));
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

/// Once; what a thread says after its deadline is nobody's any more.
void HookThreads::end(std::uint64_t number, const std::string& error) {
  join_ended();
  const auto found = open_.find(number);
  if (found == open_.end()) return;
  clock_.cancel(found->second.deadline);
  const Done done = std::move(found->second.done);
  open_.erase(found);
  done(error);
}

}  // namespace baton::conductor
