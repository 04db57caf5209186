#include "conductor/hooks/hook_threads.h"

#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

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

std::string run_command(const HookCommand& command, Millis timeout, const HookDocument& document, int stop) {
  return process::run_bounded(
      {command.argv, process::plain_environment(variables_of(document)), document.json, timeout, stop});
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
  return call_webhook(request, stop);
}

}  // namespace

/// What the threads know of their owner; it outlives whoever ends last.
struct HookThreads::Shared {
  std::mutex mutex;
  std::condition_variable ended;
  ports::Executor* executor = nullptr;  // null: the owner's end has begun
  std::size_t threads = 0, commands = 0;
  std::atomic<bool> stop = false;
  const process::Descriptor stopped{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};

  void post(std::function<void()> task) {
    const std::lock_guard lock(mutex);
    if (executor) executor->post(std::move(task));
  }
};

HookThreads::HookThreads(ports::Executor& executor, ports::Clock& clock, flowfile::ReadText read)
    : executor_(executor), clock_(clock), read_(std::move(read)), shared_(std::make_shared<Shared>()) {
  shared_->executor = &executor;
}

HookThreads::~HookThreads() {
  alive_.reset();
  for (const auto& [number, open] : open_) clock_.cancel(open.deadline);
  std::unique_lock lock(shared_->mutex);
  shared_->executor = nullptr;
  shared_->stop = true;
  const std::uint64_t one = 1;
  (void)!::write(shared_->stopped.number(), &one, sizeof one);
  shared_->ended.wait_for(lock, kHookEndGrace, [this] { return shared_->commands == 0; });
}

void HookThreads::run(const Hook& hook, const HookDocument& document, Done done) {
  const std::uint64_t number = ++last_;
  const auto later = [this, number, alive = std::weak_ptr(alive_)](std::string error) {
    return [this, number, alive, error = std::move(error)] {
      if (!alive.expired()) end(number, error);
    };
  };
  open_[number].done = std::move(done);
  const bool is_command = std::holds_alternative<HookCommand>(hook.how);
  {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->threads >= kHookThreadsMax)
      return executor_.post(
          later(std::to_string(kHookThreadsMax) + " calls of hooks hang; no more are begun"));
    ++shared_->threads;
    if (is_command) ++shared_->commands;
  }
  open_[number].deadline = clock_.after(
      hook.timeout + kHookThreadGrace,
      later("it had not ended " + std::to_string(kHookThreadGrace.count()) + " ms after its timeout"));
  const auto work = [shared = shared_, hook, document, read = read_, is_command, later] {
    std::string error =
        is_command
            ? run_command(std::get<HookCommand>(hook.how), hook.timeout, document, shared->stopped.number())
            : call(std::get<HookWebhook>(hook.how), hook.timeout, document, read, shared->stop);
    shared->post(later(std::move(error)));
    const std::lock_guard lock(shared->mutex);
    --shared->threads;
    if (is_command) --shared->commands;
    shared->ended.notify_all();
  };
  sigset_t all, before;  // signals are the other threads'
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    std::thread(work).detach();
  } catch (const std::system_error& failed) {
    executor_.post(later(std::string("no thread: ") + failed.what()));
    const std::lock_guard lock(shared_->mutex);
    --shared_->threads;
    if (is_command) --shared_->commands;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

/// Once; what a thread says after its deadline is nobody's any more.
void HookThreads::end(std::uint64_t number, const std::string& error) {
  const auto found = open_.find(number);
  if (found == open_.end()) return;
  clock_.cancel(found->second.deadline);
  const Done done = std::move(found->second.done);
  open_.erase(found);
  done(error);
}

}  // namespace baton::conductor
