#include "common/postgres/host_resolver.h"

#include <netdb.h>
#include <signal.h>
#include <sys/socket.h>

#include <boost/asio/execution_context.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>
#include <utility>

namespace baton::postgres {
namespace {

namespace asio = boost::asio;

std::string number_of(const addrinfo& entry) {
  char number[NI_MAXHOST];
  const int failed =
      getnameinfo(entry.ai_addr, entry.ai_addrlen, number, sizeof number, nullptr, 0, NI_NUMERICHOST);
  return failed ? std::string() : number;
}

HostResolver::Answer ask_system(const std::string& host) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;  // each address once
  addrinfo* found = nullptr;
  const int failed = getaddrinfo(host.c_str(), nullptr, &wanted, &found);
  const int system_error = errno;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  std::vector<std::string> addresses;
  for (const addrinfo* entry = failed ? nullptr : found; entry; entry = entry->ai_next)
    if (auto number = number_of(*entry); !number.empty()) addresses.push_back(std::move(number));
  if (!addresses.empty()) return addresses;
  const std::string why = failed == EAI_SYSTEM ? std::strerror(system_error)
                          : failed             ? gai_strerror(failed)
                                               : "the answer is empty";
  return Fail("the host name '" + host + "' has no address: " + why);
}

/// The thread that asks, one a loop. While DNS is away getaddrinfo keeps it for many seconds, and nothing can
/// call it back: so no end waits for it (Asio's own would be joined). It shares `Shared` with the loop and
/// knows nothing else; it posts only while the loop lives, which the loop's end takes back under the mutex.
class AskingThread final : public asio::execution_context::service {
 public:
  using Answered = std::function<void(const HostResolver::Answer&)>;
  static inline asio::execution_context::id id;

  explicit AskingThread(asio::io_context& io)
      : asio::execution_context::service(io), shared_(std::make_shared<Shared>()) {
    shared_->io = &io;
  }

  /// `answered` comes from the loop; it must hold nothing that is the loop's own, for it may end elsewhere.
  void ask(const std::string& host, HostResolver::Ask how, Answered answered) {
    if (!started_) {
      if (const auto why = start(); !why.empty())
        return asio::post(*shared_->io, [answered, host, why] {
          answered(Fail("the host name '" + host + "' cannot be asked for: " + why));
        });
      started_ = true;
    }
    const std::lock_guard lock(shared_->mutex);
    shared_->open.push_back({host, std::move(how), std::move(answered)});
    shared_->more.notify_one();
  }

 private:
  struct Question {
    std::string host;
    HostResolver::Ask how;
    Answered answered;
  };
  struct Shared {
    std::mutex mutex;
    std::condition_variable more;
    std::deque<Question> open;
    asio::io_context* io = nullptr;  // null: its end has begun
  };

  /// Signals are the other threads'. Why there is none, where the system gives no thread; empty: there is.
  std::string start() {
    std::string why;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
      std::thread([shared = shared_] { run(*shared); }).detach();
    } catch (const std::system_error& error) {
      why = std::string("no thread: ") + error.what();
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return why;
  }

  void shutdown() override {
    const std::lock_guard lock(shared_->mutex);
    shared_->io = nullptr;
    shared_->open.clear();
    shared_->more.notify_one();
  }

  static void run(Shared& shared) {
    std::unique_lock lock(shared.mutex);
    for (;;) {
      shared.more.wait(lock, [&] { return !shared.io || !shared.open.empty(); });
      if (!shared.io) return;
      const Question question = std::move(shared.open.front());
      shared.open.pop_front();
      lock.unlock();
      auto answer = question.how(question.host);
      lock.lock();
      if (!shared.io) return;
      asio::post(*shared.io,
                 [answered = question.answered, answer = std::move(answer)] { answered(answer); });
    }
  }

  const std::shared_ptr<Shared> shared_;
  bool started_ = false;  // with the first question
};

/// Each name is asked for once at a time, whoever waits for it: there is one thread, and where DNS is away
/// each question takes it for long.
class ThreadResolver final : public HostResolver, public std::enable_shared_from_this<ThreadResolver> {
 public:
  ThreadResolver(asio::io_context& io, Ask ask)
      : io_(io), thread_(asio::use_service<AskingThread>(io)), ask_(std::move(ask)) {}

  void resolve(const std::string& host, Done done) override {
    const auto [open, first] = open_.try_emplace(host, io_);
    open->second.waiting.push_back(std::move(done));
    if (!first) return;
    thread_.ask(host, ask_, [me = weak_from_this(), host](const Answer& answer) {
      if (const auto self = me.lock()) self->answer(host, answer);
    });
  }

 private:
  struct Open {
    explicit Open(asio::io_context& io) : work(io.get_executor()) {}
    std::vector<Done> waiting;
    asio::executor_work_guard<asio::io_context::executor_type> work;  // the loop turns until it is answered
  };

  void answer(const std::string& host, const Answer& answer) {
    const auto answered = open_.extract(host);
    for (const Done& done : answered.mapped().waiting) done(answer);
  }

  asio::io_context& io_;
  AskingThread& thread_;
  const Ask ask_;
  std::map<std::string, Open> open_;
};

/// The names of one conninfo.
class Lookup : public std::enable_shared_from_this<Lookup> {
 public:
  using Done = std::function<void(Result<Conninfo, std::string>)>;

  Lookup(asio::io_context& io, Conninfo info, Done done)
      : io_(io), patience_(io), info_(std::move(info)), done_(std::move(done)) {}

  void start(HostResolver& resolver) {
    const auto names = names_of(info_);
    open_.insert(names.begin(), names.end());
    if (names.empty()) return asio::post(io_, [me = shared_from_this()] { me->finish(); });
    patience_.expires_after(kLookupPatience);
    patience_.async_wait([me = shared_from_this()](boost::system::error_code cancelled) {
      if (!cancelled) me->go_on_without_the_late();
    });
    for (const auto& name : names)
      resolver.resolve(name, [me = shared_from_this(), name](auto addresses) { me->found(name, addresses); });
  }

 private:
  void found(const std::string& name, const HostResolver::Answer& addresses) {
    open_.erase(name);
    if (addresses.ok())
      found_[name] = *addresses;
    else
      problems_ += (problems_.empty() ? "" : "; ") + addresses.error();
    if (open_.empty() || impatient_) finish();
  }
  void go_on_without_the_late() {
    impatient_ = true;
    finish();
  }
  void finish() {
    auto info = with_addresses(info_, found_);
    if (!done_ || (!info && !open_.empty())) return;
    patience_.cancel();
    const auto done = std::exchange(done_, nullptr);
    info ? done(std::move(*info)) : done(Fail(problems_));
  }

  asio::io_context& io_;
  asio::steady_timer patience_;
  bool impatient_ = false;
  Conninfo info_;
  Done done_;
  std::set<std::string> open_;
  Addresses found_;
  std::string problems_;
};

}  // namespace

std::shared_ptr<HostResolver> HostResolver::system(asio::io_context& io) {
  return beside(io, ask_system);
}

std::shared_ptr<HostResolver> HostResolver::beside(asio::io_context& io, Ask ask) {
  return std::make_shared<ThreadResolver>(io, std::move(ask));
}

void look_up_hosts(asio::io_context& io, HostResolver& resolver, const Conninfo& info,
                   std::function<void(Result<Conninfo, std::string>)> done) {
  std::make_shared<Lookup>(io, info, std::move(done))->start(resolver);
}

}  // namespace baton::postgres
