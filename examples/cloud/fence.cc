#include "examples/cloud/fence.h"

#include <charconv>

namespace baton::example_cloud {

std::optional<FencingToken> FencingToken::parse(std::string_view text) {
  const auto flow_end = text.find('/'), atom_end = text.rfind('/');
  if (flow_end == std::string_view::npos || flow_end == atom_end) return std::nullopt;
  FencingToken token{std::string(text.substr(0, flow_end)),
                     std::string(text.substr(flow_end + 1, atom_end - flow_end - 1)), 0};
  const auto number = text.substr(atom_end + 1);
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), token.dispatch);
  if (error != std::errc{} || end != number.data() + number.size()) return std::nullopt;
  return token;
}

bool Fence::admit(const FencingToken& token) {
  auto& highest = highest_[{token.flow, token.atom}];
  if (token.dispatch < highest) return false;
  highest = token.dispatch;
  return true;
}

}  // namespace baton::example_cloud
