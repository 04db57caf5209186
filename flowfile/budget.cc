#include "flowfile/budget.h"

namespace baton::flowfile {

Amount amount_of(const Node& node) {
  Amount amount{1, node.text.size()};
  const auto add = [&](const Node& inside) {
    const auto [values, bytes] = amount_of(inside);
    amount.values += values;
    amount.bytes += bytes;
  };
  for (const Node& item : node.items) add(item);
  for (const Member& member : node.members) {
    add(member.value);
    amount.bytes += member.key.size();
  }
  return amount;
}

bool Budget::take(const Amount& amount, const Place& at) {
  if (spent_) return false;
  taken_.values += amount.values;
  taken_.bytes += amount.bytes;
  spent_ = taken_.values > max_.values || taken_.bytes > max_.bytes;
  if (spent_) at_ = at;
  return !spent_;
}

std::string Budget::excess() const {
  return taken_.values > max_.values ? "more than " + std::to_string(max_.values) + " values"
                                     : "more than " + std::to_string(max_.bytes) + " bytes of text";
}

}  // namespace baton::flowfile
