#include "worker/command_answer.h"

#include <string.h>

#include <utility>

#include "common/model/storable_text.h"

namespace baton::worker {
namespace {

constexpr std::size_t kHeadBytesMax = 200;       // of garbage, in a message
constexpr std::size_t kLastLineBytesMax = 1000;  // of stderr, in a message

Failure failure(std::string_view type, std::string message, Value details = {}) {
  return Failure::make(std::string(type), std::move(message), std::move(details));
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string last_line(std::string_view errors) {
  const auto text = trimmed(errors);
  const auto line = text.substr(text.rfind('\n') == std::string_view::npos ? 0 : text.rfind('\n') + 1);
  return std::string(line.substr(0, kLastLineBytesMax));
}

/// {"argv": […], "exit_code" | "signal": n, "stderr": tail}
Value details_of(const CommandRun& run, const CommandEnd& end) {
  std::string argv;
  for (const auto& word : run.argv)
    argv.append(argv.empty() ? "" : ", ").append(Value::of_string(word).json());
  const char* number = end.how == CommandEnd::How::Exited ? "exit_code" : "signal";
  std::string text = "{\"argv\": [" + argv + "], \"";
  text.append(number).append("\": ").append(std::to_string(end.number)).append(", \"stderr\": ");
  return Value::from_stored(text.append(Value::of_string(end.errors).json()) + "}");
}

/// What a shell's $(…) gives: without the line ends behind it.
TaskOutcome text_of(std::string_view output) {
  const auto text = output.substr(0, output.find_last_not_of('\n') + 1);
  if (!is_storable_text(text))
    return failure(
        failure_type::kBadResult,
        "the command's stdout cannot be its result: it is not UTF-8 text without NULs\n  hint: what "
        "is no text is told as JSON, in base64 for example");
  auto value = Value::parse(Value::of_string(text).json(), kResultBytesMax);
  if (value.ok()) return std::move(value).value();
  return bad_result("the command's stdout cannot be its result", value.error());
}

TaskOutcome result_of(const CommandEnd& end, bool text) {
  if (text) return text_of(end.output);
  const auto output = trimmed(end.output);
  if (output.empty()) return Value();
  auto value = Value::parse(output, kResultBytesMax);
  if (value.ok()) return std::move(value).value();
  auto wrong = bad_result("the command's stdout (it begins: " + std::string(output.substr(0, kHeadBytesMax)) +
                              ") cannot be its result",
                          value.error());
  if (value.error().message.starts_with("it is not JSON"))
    wrong.message += "\n  hint: of a program that prints plain text say stdout: text, beside its argv";
  return wrong;
}

/// A command may say on stdout what it failed of.
std::optional<Failure> told_failure(const CommandEnd& end) {
  const auto value = Value::parse(trimmed(end.output), kResultBytesMax);
  if (!value.ok()) return std::nullopt;
  const Failure told = Failure::from_value(value.value());
  const auto tree = value->tree();
  if (!tree.is_object() || told.type.empty()) return std::nullopt;
  return failure(told.type, told.message, told.details);
}

}  // namespace

TaskOutcome answer_of(const CommandRun& run, const CommandEnd& end, bool text) {
  const auto last = last_line(end.errors);
  const std::string tail = last.empty() ? "" : ": " + last;
  switch (end.how) {
    case CommandEnd::How::Exited:
      if (end.number == 0) return result_of(end, text);
      if (auto told = told_failure(end)) return *std::move(told);
      return failure(failure_type::kCommandFailed,
                     "'" + run.argv[0] + "' ended with exit code " + std::to_string(end.number) + tail,
                     details_of(run, end));
    case CommandEnd::How::Signalled: {
      const char* name = ::sigabbrev_np(end.number);
      return failure(failure_type::kTaskCrashed,
                     "'" + run.argv[0] + "' was ended by signal " + std::to_string(end.number) +
                         (name ? std::string(" (SIG") + name + ")" : "") + tail,
                     details_of(run, end));
    }
    case CommandEnd::How::Cancelled:
      return failure(failure_type::kCancelled,
                     "'" + run.argv[0] + "' was ended because the task was cancelled");
    case CommandEnd::How::TimedOut:
      return failure(failure_type::kTimedOut,
                     "'" + run.argv[0] + "' did not end within " + std::to_string(run.timeout.count()) +
                         " ms (timeout_ms)" + tail,
                     details_of(run, end));
  }
  return Value();
}

}  // namespace baton::worker
