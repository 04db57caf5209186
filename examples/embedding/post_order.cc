#include <baton/client.h>

#include <iostream>

/// Posts a flow of one command to a cluster (or `baton dev`) and follows it; a second one is cancelled.
///
///     post_order HOST:PORT
namespace {

using namespace baton::embed;
namespace json = boost::json;

sdk::Flow command(const json::array& argv) {
  return sdk::Flow::linear("greeting").add(sdk::task("command", "greet").inject("argv", argv));
}

int run(Client& client) {
  Posting posting;
  posting.inline_flow = command({"echo", R"({"said": "hello"})"});
  posting.key = "greeting-1";
  const auto posted = client.post(posting);
  std::cout << (posted.fresh ? "posted" : "was there") << std::endl;
  std::cout << (client.post(posting).fresh ? "posted" : "was there") << std::endl;
  const auto job = client.follow(posted.uuid, [](const JobEvent& event) {
    if (!event.atom.empty() && !event.state.empty())
      std::cout << event.atom << " " << event.state << std::endl;
    return true;
  });
  std::cout << "job " << to_string(job.state) << std::endl;

  Posting other;
  other.inline_flow = command({"sleep", "600"});
  const auto uuid = client.post(other).uuid;
  client.follow(uuid, [](const JobEvent& event) { return event.state != "RUNNING" || event.atom.empty(); });
  Order cancel;
  cancel.order = "cancel";
  cancel.who = "post_order";
  client.order(uuid, cancel);
  std::cout << "other " << to_string(client.follow(uuid).state) << std::endl;
  return job.state == FlowState::success ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: post_order HOST:PORT\n";
    return 2;
  }
  try {
    Client client(argv[1]);
    return run(client);
  } catch (const ClientError& error) {
    std::cerr << "post_order: " << error.what() << std::endl;
    return 3;
  }
}
