#include "client/command/live_view.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <ostream>
#include <sstream>
#include <thread>

#include "client/command/asking.h"
#include "client/command/printing.h"
#include "client/job_rows.h"

namespace baton::client {
namespace {

namespace json = boost::json;

/// What is the same but for how long things take.
json::value without_durations(const json::value& value) {
  if (const auto* array = value.if_array()) {
    json::array kept;
    for (const auto& item : *array) kept.push_back(without_durations(item));
    return kept;
  }
  const auto* object = value.if_object();
  if (!object) return value;
  json::object kept;
  for (const auto& [name, member] : *object)
    if (!name.ends_with("_ms")) kept[name] = without_durations(member);
  return kept;
}

/// Lines of the terminal; 0: not known.
std::size_t terminal_lines() {
  winsize size{};
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_row : 0;
}

class Live {
 public:
  Live(const Context& context, const View& view, int every_s)
      : context_(context), view_(view), every_(every_s) {}

  Ended run() {
    while (true) {
      if (const auto ended = look()) return *ended;
      std::this_thread::sleep_for(every_);
    }
  }

 private:
  std::optional<Ended> look() {
    auto answer = context_.http.get(view_.target);
    const bool may_pass = !answer.ok() || client::may_pass(answer->status);
    std::ostringstream trouble, text;
    const auto asked = checked(writing(context_.out, trouble), std::move(answer), view_.member);
    if (const auto* ended = std::get_if<Ended>(&asked)) return missed(*ended, trouble.str(), may_pass);
    trouble_.clear();
    const auto& body = std::get<Answer>(asked).body;
    const auto shape = print(writing(text, context_.err), std::get<Answer>(asked), view_.write);
    if (shape != Ended::Success) return shape;
    show(body, text.str());
    return view_.ended ? view_.ended(body) : std::nullopt;
  }

  Context writing(std::ostream& out, std::ostream& err) const {
    return {context_.http, out, err, context_.json, context_.terminal, context_.yaml, context_.colours};
  }

  /// The first time that is the answer; later it may pass, and is told once.
  std::optional<Ended> missed(Ended how, const std::string& trouble, bool may_pass) {
    if (!shown_ || !may_pass) return context_.err << trouble << std::flush, how;
    if (trouble_ != trouble) context_.err << trouble << std::flush;
    trouble_ = trouble;
    return std::nullopt;
  }

  void show(const json::value& body, const std::string& text) {
    auto now = without_durations(body);
    const bool changed = !shown_ || now != *shown_;
    const bool first = !shown_;
    shown_ = std::move(now);
    if (context_.terminal && !context_.json) return in_place(text, first);
    if (!changed) return;
    if (context_.json) return print_value(context_, body);
    context_.out << (first ? "" : "\n") << text << std::flush;
  }

  /// From the screen's begin, each line over the one that was there, no more than there is room for.
  void in_place(const std::string& text, bool first) {
    const std::size_t room = terminal_lines();
    std::string screen = first ? "\033[H\033[2J" : "\033[H";
    std::istringstream lines(text);
    std::size_t number = 0, left = 0;
    for (std::string line; std::getline(lines, line);) {
      if (room > 2 && ++number > room - 2)
        ++left;
      else
        screen += line + "\033[K\n";
    }
    if (left > 0) screen += "… " + std::to_string(left) + " lines more\033[K\n";
    context_.out << screen << "\033[J" << std::flush;
  }

  const Context& context_;
  const View& view_;
  const std::chrono::seconds every_;
  std::optional<json::value> shown_;
  std::string trouble_;
};

}  // namespace

Ended show_view(const Context& context, const View& view, int every_s) {
  if (every_s > 0) return Live(context, view, every_s).run();
  return ask_and_print(context, view.target, view.member, view.write);
}

}  // namespace baton::client
