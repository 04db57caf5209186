#include "common/failpoints/failpoint.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace baton::failpoints {
namespace {

constexpr std::array<std::string_view, kMoments> kNames{"commit", "committed", "ended",   "send",
                                                        "sent",   "receive",   "received"};

std::string hint() {
  std::string all;
  for (const auto name : kNames) all += (all.empty() ? "" : ", ") + std::string(name);
  return "\n  hint: <moment>:<number from 1>, such as committed:12; the moments are " + all;
}

}  // namespace

Result<std::optional<Failpoint>, std::string> Failpoint::parse(const std::string& text) {
  if (text.empty()) return std::optional<Failpoint>{};
  const auto colon = text.find(':');
  const auto name = std::find(kNames.begin(), kNames.end(), std::string_view(text).substr(0, colon));
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const char* const begin = colon == std::string::npos ? end : text.data() + colon + 1;
  const auto [stop, error] = std::from_chars(begin, end, number);
  if (name == kNames.end() || error != std::errc{} || stop != end || number == 0)
    return Fail("BATON_FAILPOINT: '" + text + "' names no failpoint" + hint());
  return std::optional<Failpoint>(Failpoint(static_cast<Moment>(name - kNames.begin()), number));
}

Result<std::optional<Failpoint>, std::string> Failpoint::of_environment(
    const std::function<const char*(const char*)>& getenv) {
  const char* const asked = getenv("BATON_FAILPOINT");
  return parse(asked ? asked : "");
}

Failpoint::Failpoint(Moment moment, std::uint64_t number)
    : moment_(moment), number_(number), die_([] { ::kill(::getpid(), SIGKILL); }) {}

void Failpoint::pass(Moment moment) {
  if (moment == moment_ && ++passed_ == number_) die_();
}

}  // namespace baton::failpoints
