#include "tests/simulation/cloud.h"

#include <algorithm>

namespace baton::simulation {

bool Cloud::admit(const Key& key, Dispatch token) {
  Dispatch& highest = highest_[{key.flow, key.atom}];
  if (token < highest) return false;
  highest = token;
  return true;
}

bool Cloud::create(const Key& key, Dispatch token, Micros now) {
  const bool admitted = admit(key, token);
  const bool made = admitted && things_.try_emplace(key, token).second;
  ledger_.push_back({now, key.flow, key.atom, true, key.attempt, token, !admitted, made});
  return admitted;
}

bool Cloud::remove(const Key& key, Dispatch token, Micros now) {
  const bool admitted = admit(key, token);
  const bool taken = admitted && things_.erase(key) > 0;
  ledger_.push_back({now, key.flow, key.atom, false, key.attempt, token, !admitted, taken});
  return admitted;
}

}  // namespace baton::simulation
