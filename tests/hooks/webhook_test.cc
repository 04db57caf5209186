#include "conductor/hooks/webhook.h"

#include <catch2/catch.hpp>

#include "tests/hooks/told_host.h"

using namespace baton;
using namespace baton::conductor;
using baton::test::ToldHost;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

std::string answer(const std::string& status, const std::string& body = "") {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string call(const std::string& url, Millis timeout = Millis{40'000},
                 const std::atomic<bool>& stop = std::atomic<bool>(false)) {
  return call_webhook({url, {{"Authorization", "Bearer topsecret"}}, "", "{\"id\": 1}\n", timeout}, stop);
}

}  // namespace

TEST_CASE("a webhook is given the document and its headers, and 2xx takes it", "[hooks]") {
  const ToldHost host(answer("204 No Content"));
  CHECK(call("http://" + host.address() + "/hooks/baton?x=1").empty());
  REQUIRE(host.requests().size() == 1);
  const std::string request = host.requests()[0];
  CHECK_THAT(request, StartsWith("POST /hooks/baton?x=1 HTTP/1.1\r\n"));
  CHECK_THAT(request,
             Contains("Host: " + host.address()) && Contains("Authorization: Bearer topsecret\r\n") &&
                 Contains("Content-Type: application/json\r\n") && Contains("\r\n\r\n{\"id\": 1}\n"));
}

TEST_CASE("an answer that is no 2xx is told, without what is secret", "[hooks]") {
  const ToldHost host(answer("503 Service Unavailable", "try later\n"));
  const auto said = call("http://" + host.address() + "/topsecret");
  CHECK_THAT(said,
             StartsWith("http://" + host.address() + " answered 503: try later") && !Contains("topsecret"));
}

TEST_CASE("a redirect is not followed", "[hooks]") {
  const ToldHost other(answer("200 OK"));
  const ToldHost host("HTTP/1.1 302 Found\r\nLocation: http://" + other.address() +
                      "/\r\nContent-Length: 0\r\n\r\n");
  CHECK_THAT(call("http://" + host.address() + "/"), Contains("answered 302: redirects are not followed"));
  CHECK(other.requests().empty());
}

TEST_CASE("a host that says nothing is waited for until the timeout", "[hooks]") {
  const ToldHost host("");
  CHECK_THAT(call("http://" + host.address() + "/", Millis{300}), Contains("not within 300 ms"));
}

TEST_CASE("a host that is down is told", "[hooks]") {
  std::string address;
  {
    const ToldHost gone(answer("200 OK"));
    address = gone.address();
  }
  CHECK_THAT(call("http://" + address + "/"), StartsWith("http://" + address + ": no connection: "));
}

TEST_CASE("an answer that is too large, or none of HTTP, is a failure", "[hooks]") {
  const ToldHost large("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n");
  CHECK_THAT(call("http://" + large.address() + "/"), Contains("no answer"));
  const ToldHost other("SSH-2.0-OpenSSH_9.2\r\n\r\n");
  CHECK_THAT(call("http://" + other.address() + "/"), Contains("no answer"));
  const ToldHost much(answer("500 Internal Server Error", std::string(200'000, 'y')));
  CHECK_THAT(call("http://" + much.address() + "/"), Contains("answered 500"));
}

TEST_CASE("a host without TLS is no https", "[hooks]") {
  const ToldHost host(answer("200 OK"));
  CHECK_THAT(call("https://" + host.address() + "/", Millis{2'000}), Contains("no TLS session"));
}

TEST_CASE("a call ends when its caller says so", "[hooks]") {
  const ToldHost host("");
  const std::atomic<bool> stop = true;
  CHECK_FALSE(call("http://" + host.address() + "/", Millis{40'000}, stop).empty());
}
