#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <vector>

namespace baton::test {

/// Stands between a store and Postgres, on the test's own loop: can swallow the answers, cut the connections
/// and be away.
class TcpProxy {
 public:
  using Tcp = boost::asio::ip::tcp;

  TcpProxy(boost::asio::io_context& io, std::uint16_t server_port)
      : io_(io),
        acceptor_(io, Tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)),
        server_port_(server_port) {
    port_ = acceptor_.local_endpoint().port();
    accept();
  }

  std::uint16_t port() const { return port_; }
  std::size_t connections() const { return pairs_.size(); }
  void swallow_answers(bool swallow) { swallow_ = swallow; }
  /// All connections go in place of the n-th request from now on.
  void cut_at_request(int n) { requests_until_cut_ = n; }

  /// The most bytes that came from the server between two requests.
  std::size_t largest_answer() const { return largest_answer_; }

  void cut() {
    for (const auto& pair : std::exchange(pairs_, {})) pair->close();
  }
  void go_away() {
    acceptor_.close();
    cut();
  }
  /// New connections go to another server.
  void redirect(std::uint16_t server_port) { server_port_ = server_port; }
  void come_back() {
    acceptor_ = Tcp::acceptor(io_, Tcp::endpoint(boost::asio::ip::address_v4::loopback(), port_));
    accept();
  }

 private:
  struct Pair {
    explicit Pair(boost::asio::io_context& io) : client(io), server(io) {}
    void close() {
      boost::system::error_code ignored;
      client.close(ignored);
      server.close(ignored);
    }
    Tcp::socket client, server;
    std::array<char, 65536> up{}, down{};
    std::size_t answer = 0;
  };
  using PairPtr = std::shared_ptr<Pair>;

  void accept() {
    const auto pair = std::make_shared<Pair>(io_);
    acceptor_.async_accept(pair->client, [this, pair](boost::system::error_code error) {
      if (error) return;
      boost::system::error_code failed;
      pair->server.connect(Tcp::endpoint(boost::asio::ip::address_v4::loopback(), server_port_), failed);
      if (!failed) {
        pairs_.push_back(pair);
        forward(pair, pair->client, pair->server, pair->up, false);
        forward(pair, pair->server, pair->client, pair->down, true);
      }
      accept();
    });
  }

  void forward(const PairPtr& pair, Tcp::socket& from, Tcp::socket& to, std::array<char, 65536>& bytes,
               bool answers) {
    from.async_read_some(boost::asio::buffer(bytes), [this, pair, &from, &to, &bytes, answers](
                                                         boost::system::error_code error, std::size_t size) {
      if (error) return pair->close();
      pair->answer = answers ? pair->answer + size : 0;
      largest_answer_ = std::max(largest_answer_, pair->answer);
      if (!answers && requests_until_cut_ > 0 && --requests_until_cut_ == 0) return cut();
      if (!(answers && swallow_)) {
        boost::asio::write(to, boost::asio::buffer(bytes, size), error);
        if (error) return pair->close();
      }
      forward(pair, from, to, bytes, answers);
    });
  }

  boost::asio::io_context& io_;
  Tcp::acceptor acceptor_;
  std::uint16_t server_port_;
  std::uint16_t port_ = 0;
  bool swallow_ = false;
  std::size_t largest_answer_ = 0;
  int requests_until_cut_ = 0;  // 0: no cut
  std::vector<PairPtr> pairs_;
};

}  // namespace baton::test
