#include "common/postgres/host_resolver.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <set>
#include <utility>

namespace baton::postgres {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// Each name is asked for once at a time, whoever waits for it: Asio has one thread, and where DNS is away
/// each question takes it for long.
class SystemResolver final : public HostResolver, public std::enable_shared_from_this<SystemResolver> {
 public:
  explicit SystemResolver(asio::io_context& io) : resolver_(io) {}

  void resolve(const std::string& host, Done done) override {
    auto& waiting = waiting_[host];
    waiting.push_back(std::move(done));
    if (waiting.size() > 1) return;
    resolver_.async_resolve(host, "", [me = weak_from_this(), host](const auto& error, const auto& found) {
      if (const auto self = me.lock()) self->answer(host, error, found);
    });
  }

 private:
  void answer(const std::string& host, const boost::system::error_code& error,
              const tcp::resolver::results_type& found) {
    std::vector<std::string> addresses;
    for (const auto& entry : found) addresses.push_back(entry.endpoint().address().to_string());
    const std::string problem = "the host name '" + host + "' has no address: " + error.message();
    for (const Done& done : std::exchange(waiting_[host], {}))
      addresses.empty() ? done(Fail(problem)) : done(addresses);
  }

  tcp::resolver resolver_;
  std::map<std::string, std::vector<Done>> waiting_;
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
  void found(const std::string& name, const Result<std::vector<std::string>, std::string>& addresses) {
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
  return std::make_shared<SystemResolver>(io);
}

void look_up_hosts(asio::io_context& io, HostResolver& resolver, const Conninfo& info,
                   std::function<void(Result<Conninfo, std::string>)> done) {
  std::make_shared<Lookup>(io, info, std::move(done))->start(resolver);
}

}  // namespace baton::postgres
