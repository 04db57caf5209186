#include "tests/support/lossy_proxy.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

namespace baton::test {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool read_all(int socket, char* to, std::size_t count) {
  while (count > 0) {
    const auto got = ::recv(socket, to, count, 0);
    if (got <= 0) return false;
    to += got;
    count -= static_cast<std::size_t>(got);
  }
  return true;
}

std::int32_t number_at(const std::string& bytes, std::size_t at) {
  std::uint32_t number = 0;
  if (bytes.size() >= at + 4) std::memcpy(&number, bytes.data() + at, 4);
  return static_cast<std::int32_t>(ntohl(number));
}

/// In place of a request's number.
constexpr std::int32_t kEvent = -1;

/// Four bytes of length and that many more; empty at the end.
std::string read_frame(int socket) {
  std::string frame(4, '\0');
  if (!read_all(socket, frame.data(), 4)) return {};
  const auto length = static_cast<std::size_t>(number_at(frame, 0));
  frame.resize(4 + length);
  return read_all(socket, frame.data() + 4, length) ? frame : std::string{};
}

}  // namespace

struct LossyProxy::Shared {
  int listener = -1, port = 0, server_port = 0;
  std::mutex mutex;
  std::optional<Request> armed;
  bool loses_event = false;
  int lost = 0;
  bool closing = false;
  std::set<int> sockets;
  std::vector<std::thread> threads;

  /// Opens what is left to both sides; the two forwarding threads end by it.
  void cut(int a, int b) {
    ::shutdown(a, SHUT_RDWR);
    ::shutdown(b, SHUT_RDWR);
  }

  struct Link {
    int client = -1, server = -1;
    std::mutex mutex;
    std::optional<std::int32_t> doomed;  // number of the request whose reply is to be lost
  };

  void forward_requests(const std::shared_ptr<Link>& link) {
    for (bool first = true;; first = false) {
      const auto frame = read_frame(link->client);
      if (frame.empty()) break;
      if (!first) {  // the first one asks for the session and has no header
        const std::scoped_lock lock(mutex, link->mutex);
        if (armed && number_at(frame, 8) == static_cast<std::int32_t>(*armed)) {
          link->doomed = number_at(frame, 4);
          armed.reset();
        }
      }
      if (::send(link->server, frame.data(), frame.size(), MSG_NOSIGNAL) < 0) break;
    }
    cut(link->client, link->server);
  }

  void forward_replies(const std::shared_ptr<Link>& link) {
    for (bool first = true;; first = false) {
      const auto frame = read_frame(link->server);
      if (frame.empty()) break;
      const std::scoped_lock lock(mutex, link->mutex);
      if (!first && link->doomed == number_at(frame, 4)) {
        ++lost;
        break;
      }
      if (!first && number_at(frame, 4) == kEvent && std::exchange(loses_event, false)) {
        ++lost;
        continue;
      }
      if (::send(link->client, frame.data(), frame.size(), MSG_NOSIGNAL) < 0) break;
    }
    cut(link->client, link->server);
  }

  void accept_links() {
    for (;;) {
      const int client = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
      if (client < 0) return;
      const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      const auto address = loopback(server_port);
      const bool up = ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
      const std::lock_guard lock(mutex);
      sockets.insert({client, server});
      if (!up || closing) cut(client, server);
      const auto link = std::make_shared<Link>();
      link->client = client;
      link->server = server;
      threads.emplace_back([this, link] { forward_requests(link); });
      threads.emplace_back([this, link] { forward_replies(link); });
    }
  }
};

LossyProxy::LossyProxy(const std::string& server) : shared_(std::make_shared<Shared>()) {
  shared_->server_port = std::stoi(server.substr(server.rfind(':') + 1));
  shared_->listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(0);
  socklen_t length = sizeof address;
  REQUIRE(::bind(shared_->listener, reinterpret_cast<const sockaddr*>(&address), length) == 0);
  REQUIRE(::listen(shared_->listener, 16) == 0);
  REQUIRE(::getsockname(shared_->listener, reinterpret_cast<sockaddr*>(&address), &length) == 0);
  shared_->port = ntohs(address.sin_port);
  shared_->threads.reserve(1024);  // grows under the mutex only; the acceptor is the first
  shared_->threads.emplace_back([shared = shared_.get()] { shared->accept_links(); });
}

LossyProxy::~LossyProxy() {
  ::shutdown(shared_->listener, SHUT_RDWR);
  shared_->threads.front().join();
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->closing = true;
    for (const int socket : shared_->sockets) ::shutdown(socket, SHUT_RDWR);
  }
  for (std::size_t i = 1; i < shared_->threads.size(); ++i) shared_->threads[i].join();
  for (const int socket : shared_->sockets) ::close(socket);
  ::close(shared_->listener);
}

std::string LossyProxy::hosts() const {
  return "127.0.0.1:" + std::to_string(shared_->port);
}

void LossyProxy::lose_reply_to_next(Request request) {
  const std::lock_guard lock(shared_->mutex);
  shared_->armed = request;
}

void LossyProxy::lose_next_event() {
  const std::lock_guard lock(shared_->mutex);
  shared_->loses_event = true;
}

int LossyProxy::lost() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->lost;
}

}  // namespace baton::test
