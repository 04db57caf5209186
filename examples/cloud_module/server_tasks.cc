#include "server_tasks.h"

#include <chrono>

#include "cloud_client.h"

namespace examples {
namespace {

namespace json = boost::json;
using baton::sdk::Context;
using baton::sdk::TaskFailure;

constexpr std::chrono::milliseconds kPollEvery{100};  // the vendor offers no event

/// The key that the execution of this attempt showed: a revert carries the attempt that it undoes.
std::string key_of_execution(const Context& context) {
  return std::string(context.flow()) + "/" + std::string(context.atom()) + "/EXECUTE/" +
         std::to_string(context.attempt());
}

std::string percent_encoded(const std::string& text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) || c == '-' || c == '_' || c == '.') {
      out += c;
    } else {
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
  return out;
}

}  // namespace

json::value CreateServer::execute(Context& context, const json::object& arguments) {
  return call_cloud(context, "POST", "/servers", Proof::of(context),
                    json::object{{"hostname", arguments.at("hostname")}});
}

void CreateServer::revert(Context& context, const baton::sdk::Undo&) {
  Proof proof = Proof::of(context);
  proof.idempotency_key.clear();
  call_cloud(context, "DELETE", "/servers?key=" + percent_encoded(key_of_execution(context)), proof);
}

json::value WaitForServer::execute(Context& context, const json::object& arguments) {
  const std::string id(arguments.at("server").at("id").as_string());
  while (true) {
    auto server = call_cloud(context, "GET", "/servers/" + id, Proof::of(context));
    if (server.at("status") == "ACTIVE") return server;
    context.progress(0.5, "the server is " + std::string(server.at("status").as_string()));
    if (!context.wait(kPollEvery)) context.throw_if_cancelled();
  }
}

json::value Nap::execute(Context& context, const json::object& arguments) {
  if (!context.wait(std::chrono::milliseconds(arguments.at("ms").as_int64()))) context.throw_if_cancelled();
  return nullptr;
}

}  // namespace examples
