#include <algorithm>
#include <boost/json/parse.hpp>
#include <map>
#include <sstream>
#include <string>
#include <utility>

#include "client/command/command_line.h"
#include "client/command/commands.h"
#include "client/command/flow_files.h"
#include "client/command/progress.h"
#include "client/command/show_text.h"
#include "client/command/stored_flows.h"
#include "client/command/terminal_text.h"
#include "client/command/words/completion_script.h"
#include "client/job_rows.h"
#include "common/model/value.h"
#include "flowfile/limits.h"
#include "flowfile/yaml_reader.h"
#include "tests/fuzz/bytes/expectations.h"
#include "tests/fuzz/bytes/scratch_file.h"
#include "tests/fuzz/bytes/telling_server.h"

/// What `baton` is answered, by a conductor or by whoever listens there: a line with the word and how it is
/// shown ("list", "show json"), then the answer, whole ("HTTP/1.1 …") or only what it says.
namespace {

using namespace baton;
using client::Context;
using client::Ended;
using fuzz::expect;

constexpr Millis kTimeout{2'000};
constexpr std::size_t kAroundMax = 8;  // levels that a word puts around what it was answered, or inside
constexpr std::size_t kShownBytesMax = 16 * kMiB;  // tables have their widest cell in each row

/// As `baton watch`, which would come again and again.
Ended follow(const Context& context) {
  client::JobRows rows(context.http, client::job_target("u"));
  client::Progress progress;
  const auto read = rows.read([&](const std::string&, const boost::json::value& row) {
    progress.take(row);
    context.out << client::history_line(client::for_terminal(row), false) << "\n" << progress.bar() << "\n";
    return !progress.ended();
  });
  if (read == client::JobRows::Read::Broken || read == client::JobRows::Read::Garbled)
    fuzz::expect_told(rows.why());
  context.out << "\n";
  return Ended::Success;
}

client::OrderOptions an_order() {
  client::OrderOptions order;
  order.order = "cancel";
  order.uuid = "u";
  return order;
}

client::PostOptions a_post() {
  client::PostOptions post;
  post.flow = "f";
  return post;
}

/// Of a stored flow; who can run it is answered by the same bytes.
template <Ended (*Word)(const Context&, const client::FlowFileOptions&)>
Ended of_stored(const Context& context) {
  client::FlowFileOptions options;
  options.files = {"f@1"};
  options.workers = true;
  return Word(context, options);
}

/// Against a flow that is here.
Ended diff(const Context& context) {
  static fuzz::ScratchFile file;
  file.write("name: f\npattern: linear\nnodes:\n  - {task: t, name: a}\n");
  return client::diff_flows(context, {file.path(), "f@1", {}, {}});
}

/// Names asked for by Tab: "name\twhat it is".
Ended tab(const Context& context) {
  std::ostringstream out;
  const client::Invocation line{{client::kCompleteWord, "show", ""}, context.http.addresses().front(), false};
  const auto ended = client::run_command(line, {}, {}, out, context.err);
  std::string told = out.str();
  std::replace(told.begin(), told.end(), '\t', ' ');
  context.out << told;
  return ended;
}

const std::map<std::string_view, Ended (*)(const Context&)> kWords{
    {"list", [](const Context& context) { return client::list_jobs(context, {}); }},
    {"show", [](const Context& context) { return client::show_job(context, "u", 0); }},
    {"history", [](const Context& context) { return client::show_history(context, "u"); }},
    {"follow", follow},
    {"workers", [](const Context& context) { return client::list_workers(context, 0); }},
    {"conductors", [](const Context& context) { return client::list_conductors(context, 0); }},
    {"left-alone", [](const Context& context) { return client::list_left_alone(context, 0); }},
    {"hooks", [](const Context& context) { return client::list_hooks(context); }},
    {"hooks-of", [](const Context& context) { return client::list_hooks_of(context, "u"); }},
    {"hooks-test", [](const Context& context) { return client::test_hook(context, "h"); }},
    {"hooks-retry",
     [](const Context& context) {
       return client::retry_hook_call(context, {"7", "me", "", false});
     }},
    {"flows", [](const Context& context) { return client::list_flows(context, ""); }},
    {"versions", [](const Context& context) { return client::list_flows(context, "f"); }},
    {"flow", [](const Context& context) { return client::show_flow(context, "f"); }},
    {"validate", of_stored<client::validate_flow_files>},
    {"plan", of_stored<client::plan_flow_file>},
    {"graph", of_stored<client::draw_flow_file>},
    {"diff", diff},
    {"tab", tab},
    {"post", [](const Context& context) { return client::post_job(context, a_post()); }},
    {"order", [](const Context& context) { return client::order_job(context, an_order()); }}};

std::string whole(std::string_view answer) {
  if (answer.starts_with("HTTP/")) return std::string(answer);
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(answer.size()) + "\r\n\r\n" + std::string(answer);
}

void check_json(const std::string& line) {
  boost::json::error_code failed;
  boost::json::parse(line, failed, {}, client::kParseOptions);
  expect(!failed, "JSON that can be read: " + line);
}

void check_yaml(const std::string& document) {
  flowfile::Problems problems;
  const auto source = std::make_shared<const flowfile::Source>(flowfile::Source{"shown", document});
  expect(flowfile::read_yaml(source, problems).has_value(),
         "YAML that can be read: " + document + flowfile::shown(problems));
}

/// JSON, a line each, or documents of YAML.
void check_for_programs(const std::string& shown, bool yaml) {
  std::istringstream lines(shown);
  std::string document;
  for (std::string line; std::getline(lines, line);) {
    if (!yaml) check_json(line);
    if (line.starts_with("---") && !document.empty()) check_yaml(std::exchange(document, {}));
    document += line + "\n";
  }
  if (yaml && !document.empty()) check_yaml(document);
}

/// How many lists and objects are open at once, at most.
std::size_t depth_of(std::string_view json) {
  std::size_t open = 0, most = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (quoted && json[i] == '\\')
      ++i;
    else if (json[i] == '"')
      quoted = !quoted;
    else if (!quoted && (json[i] == '{' || json[i] == '['))
      most = std::max(most, ++open);
    else if (!quoted && (json[i] == '}' || json[i] == ']') && open > 0)
      --open;
  }
  return most;
}

/// Of values that are deeper our own reader of YAML takes none, and does not say how a line in such was
/// meant.
bool is_deep(std::string_view answer) {
  const auto head = answer.starts_with("HTTP/") ? answer.find("\r\n\r\n") : std::string_view::npos;
  return depth_of(answer.substr(head == std::string_view::npos ? 0 : head)) + kAroundMax >
         flowfile::kDepthMax;
}

void ask(std::string_view word, const std::string& output, std::string_view answer) {
  static auto& server = *new fuzz::TellingServer;
  server.tell(whole(answer));
  std::ostringstream out, err;
  Context context{client::HttpClient({server.address()}, kTimeout), out, err, output != "table"};
  context.yaml = output == "yaml";
  const auto ended = kWords.at(word)(context);
  expect(ended == Ended::Success || ended == Ended::FlowFailed || !err.str().empty(), "why it did not");
  if (output == "table") {
    // A stored flow file is given as it was put.
    const std::string shown = word == "flow" ? err.str() : out.str() + err.str();
    if (!shown.empty()) fuzz::expect_told(shown, kShownBytesMax);
  } else if (word != "follow" && word != "tab" && !(context.yaml && is_deep(answer))) {
    check_for_programs(out.str(), context.yaml);
    check_for_programs(err.str(), context.yaml);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  const auto line = bytes.substr(0, bytes.find('\n'));
  const auto word = line.substr(0, line.find(' '));
  if (!kWords.contains(word)) return 0;
  const auto output = line.substr(std::min(word.size() + 1, line.size()));
  const auto answer = bytes.substr(std::min(line.size() + 1, bytes.size()));
  ask(word, output == "json" || output == "yaml" ? std::string(output) : "table", answer);
  return 0;
}
