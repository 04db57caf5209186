#include "client/command/progress.h"

#include <algorithm>

#include "client/command/context.h"
#include "common/model/states.h"

namespace baton::client {
namespace {

constexpr std::int64_t kBarWidth = 30;

}  // namespace

void Progress::take(const boost::json::value& row) {
  const auto state = text_of(row, "state");
  if (state.empty()) return;  // a claim, or what is planned
  const auto atom = text_of(row, "atom");
  if (atom.empty())
    flow_state_ = state;
  else if (state == "SUCCESS" || state == "IGNORE")
    done_.insert(atom);
  else
    done_.erase(atom);
}

bool Progress::ended() const {
  const auto state = flow_state_from(flow_state_);
  return state && is_final(*state);
}

std::string Progress::bar() const {
  return progress_bar(done(), total_);
}

std::string progress_bar(std::int64_t done, std::int64_t total) {
  if (total <= 0) return {};
  const auto filled = static_cast<std::size_t>(kBarWidth * std::min(done, total) / total);
  return "[" + std::string(filled, '#') + std::string(kBarWidth - filled, '-') + "] " + std::to_string(done) +
         "/" + std::to_string(total);
}

}  // namespace baton::client
