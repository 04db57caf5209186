#pragma once

#include "engine/user_retries.h"

namespace baton::conformance {

/// The retry policy "scripted", as a module would have it, for cases of our own: `parameters` are
/// {"values": […], "answers": ["RETRY", …]}; its nth execution provides the nth value, and what fails in its
/// nth attempt gets the nth answer. The last of each repeats.
class ScriptedPolicy final : public engine::UserRetries {
 public:
  bool knows(const std::string& policy) const override { return policy == "scripted"; }
  Result<Value, Failure> execute(const engine::RetryCall&) const override;
  Result<RetryAnswer, Failure> on_failure(const engine::RetryCall&, const std::string& failed,
                                          const Failure&) const override;
};

}  // namespace baton::conformance
