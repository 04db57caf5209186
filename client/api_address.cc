#include "client/api_address.h"

#include <utility>

namespace baton::client {

std::vector<std::string> api_addresses(const std::string& text) {
  std::vector<std::string> addresses;
  std::string address;
  for (const char c : text + ",") {
    if (c != ',') {
      if (c != ' ') address += c;
      continue;
    }
    if (!address.empty()) addresses.push_back(std::exchange(address, {}));
  }
  return addresses;
}

}  // namespace baton::client
