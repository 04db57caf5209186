#include "conductor/api/api_server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>

#include "conductor/api/connection.h"
#include "conductor/api/event_stream.h"
#include "conductor/api/loopback_host.h"
#include "conductor/api/routes.h"

namespace baton::api {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::beast::tcp_stream;

constexpr Millis kAcceptPause{100};  // after an error of accept (no descriptors left): the backlog waits

}  // namespace

/// Shared, because accepts and replies under way refer to it.
class ApiServer::Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(asio::io_context& loop, ApiSettings settings, const Backend& backend)
      : settings_(std::move(settings)),
        backend_(backend),
        routes_(std::make_shared<Routes>(backend, settings_.limits)),
        acceptor_(loop),
        pause_(loop),
        finish_limit_(loop),
        open_connections_(backend.metrics.gauge("baton_api_connections", "HTTP connections that are open.")),
        open_streams_(backend.metrics.gauge("baton_api_streams", "Event streams that are open.")),
        refused_(backend.metrics.counter("baton_api_refused_total", "Connections refused at the bound.")) {
    for (unsigned hundred = 1; hundred <= 5; ++hundred)
      answers_[hundred] = &backend.metrics.counter("baton_api_answers_total", "HTTP answers by status class.",
                                                   {{"status", std::to_string(hundred) + "xx"}});
  }

  Result<void, std::string> open();
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  void finish(std::function<void()> done);
  void close();

 private:
  void accept();
  void stop_accepting();
  void finished_if_empty();
  void take(tcp::socket);
  bool stream(tcp_stream&&, const StreamAnswer&);
  template <class Peer>
  using Peers = std::map<std::uint64_t, std::weak_ptr<Peer>>;
  template <class Peer, class Do>
  static void for_all(Peers<Peer> peers, Do what) {  // a copy: peers forget themselves
    for (const auto& [id, weak] : peers)
      if (const auto peer = weak.lock()) what(*peer);
  }
  /// What a peer calls when it ends: it is forgotten.
  template <class Peer>
  std::function<void()> forget(Peers<Peer>& peers, std::uint64_t id, runtime::Gauge* open);

  const ApiSettings settings_;
  const Backend backend_;
  const std::shared_ptr<Routes> routes_;
  std::shared_ptr<Connection::Host> host_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_, finish_limit_;
  std::function<void()> finished_;
  Peers<Connection> connections_, refusals_;
  Peers<EventStream> streams_;
  std::uint64_t last_peer_ = 0;
  runtime::Gauge& open_connections_;
  runtime::Gauge& open_streams_;
  runtime::Counter& refused_;
  std::map<unsigned, runtime::Counter*> answers_;  // by the status's first digit
};

Result<void, std::string> ApiServer::Listener::open() {
  const std::string where = settings_.address + ":" + std::to_string(settings_.port);
  boost::system::error_code error;
  const auto address = asio::ip::make_address(settings_.address, error);
  if (error) return Fail("cannot serve HTTP at " + where + ": '" + settings_.address + "' is no IP address");
  const tcp::endpoint endpoint(address, settings_.port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(tcp::acceptor::max_listen_connections, error);
  if (error) {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    return Fail("cannot serve HTTP at " + where + ": " + error.message() +
                "; choose another address or port for the API, or end what listens there ('ss -ltnp')");
  }
  host_ = std::make_shared<Connection::Host>();
  // The host is held by connections, which end before or with the listener: weak, so that nothing is a
  // circle.
  host_->handle = [routes = routes_](const Request& request, Reply reply) {
    routes->handle(request, std::move(reply));
  };
  host_->stream = [weak = weak_from_this()](tcp_stream&& socket, const StreamAnswer& wanted) {
    const auto self = weak.lock();
    return self && self->stream(std::move(socket), wanted);
  };
  host_->answered = [weak = weak_from_this()](unsigned status) {
    if (const auto self = weak.lock()) self->answers_.at(status / 100)->add();
  };
  host_->loopback_only = is_loopback_address(settings_.address);
  accept();
  return {};
}

void ApiServer::Listener::accept() {
  acceptor_.async_accept([weak = weak_from_this()](auto error, tcp::socket socket) {
    const auto self = weak.lock();
    if (!self || !self->acceptor_.is_open()) return;
    if (!error) {
      self->take(std::move(socket));
      return self->accept();
    }
    self->pause_.expires_after(kAcceptPause);
    self->pause_.async_wait([weak](auto cancelled) {
      const auto again = weak.lock();
      if (again && !cancelled) again->accept();
    });
  });
}

template <class Peer>
std::function<void()> ApiServer::Listener::forget(Peers<Peer>& peers, std::uint64_t id,
                                                  runtime::Gauge* open) {
  return [weak = weak_from_this(), &peers, id, open] {
    const auto self = weak.lock();
    if (!self) return;
    peers.erase(id);
    if (open) open->set(static_cast<std::int64_t>(peers.size()));
    self->finished_if_empty();
  };
}

void ApiServer::Listener::take(tcp::socket socket) {
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  const bool room = connections_.size() < settings_.limits.connections_max;
  if (!room) {
    refused_.add();
    if (refusals_.size() >= settings_.limits.refusals_max) return;  // closed by its destructor
  }
  auto& peers = room ? connections_ : refusals_;
  const std::uint64_t id = ++last_peer_;
  const auto connection =
      std::make_shared<Connection>(tcp_stream(std::move(socket)), routes_->limits(), host_,
                                   forget(peers, id, room ? &open_connections_ : nullptr));
  peers.emplace(id, connection);
  open_connections_.set(static_cast<std::int64_t>(connections_.size()));
  if (room)
    connection->start();
  else
    connection->refuse();
}

bool ApiServer::Listener::stream(tcp_stream&& socket, const StreamAnswer& wanted) {
  if (streams_.size() >= settings_.limits.streams_max) return false;
  const std::uint64_t id = ++last_peer_;
  auto follower = std::make_shared<HistoryFollower>(backend_, routes_->limits(), wanted.job, wanted.after_id);
  const auto peer = std::make_shared<EventStream>(
      std::move(socket), std::move(follower), wanted.job.has_value(), forget(streams_, id, &open_streams_));
  streams_.emplace(id, peer);
  open_streams_.set(static_cast<std::int64_t>(streams_.size()));
  peer->start(settings_.limits.stream_write_timeout);
  return true;
}

void ApiServer::Listener::stop_accepting() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

void ApiServer::Listener::finish(std::function<void()> done) {
  stop_accepting();
  finished_ = std::move(done);
  finish_limit_.expires_after(settings_.limits.finish_timeout);
  finish_limit_.async_wait([weak = weak_from_this()](auto cancelled) {
    const auto self = weak.lock();
    if (!self || cancelled || !self->finished_) return;
    const auto finished = std::exchange(self->finished_, nullptr);
    self->close();
    finished();
  });
  for_all(streams_, [](EventStream& stream) { stream.close(); });  // clients resume elsewhere
  for_all(connections_, [](Connection& connection) { connection.finish(); });
  finished_if_empty();
}

void ApiServer::Listener::finished_if_empty() {
  if (!finished_ || !connections_.empty()) return;
  finish_limit_.cancel();
  asio::post(finish_limit_.get_executor(), std::exchange(finished_, nullptr));
}

void ApiServer::Listener::close() {
  stop_accepting();
  finished_ = nullptr;
  finish_limit_.cancel();
  for_all(connections_, [](Connection& connection) { connection.close(); });
  for_all(refusals_, [](Connection& connection) { connection.close(); });
  for_all(streams_, [](EventStream& stream) { stream.close(); });
  routes_->close();
}

ApiServer::ApiServer(asio::io_context& loop, ApiSettings settings, const Backend& backend)
    : listener_(std::make_shared<Listener>(loop, std::move(settings), backend)) {}

ApiServer::~ApiServer() {
  close();
}

Result<void, std::string> ApiServer::open() {
  return listener_->open();
}

std::uint16_t ApiServer::port() const {
  return listener_->port();
}

void ApiServer::finish(std::function<void()> done) {
  listener_->finish(std::move(done));
}

void ApiServer::close() {
  listener_->close();
}

}  // namespace baton::api
